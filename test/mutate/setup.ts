import fc from 'fast-check'

// A fault is noticed or not: the smallest example of it is of no use, and takes time. The same runs each time.
fc.configureGlobal({ endOnFailure: true, seed: 1 })
