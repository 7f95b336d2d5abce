/** Client errors of AWS that pass: throttling, credentials about to be renewed, a clock that is off. */
export const PASSING = /Throttl|TooManyRequests|RequestLimit|ExpiredToken|RequestExpired|RequestTimeTooSkewed/
