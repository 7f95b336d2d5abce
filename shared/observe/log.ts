/** Every event of the log. Queries filter by `event`: a name is never changed, nor given another meaning. */
export type LogEvent =
  /** `route` has recorded a change of an alert, and what it decided. */
  | 'alert.routed'
  /** `route` has evaluated an alert whose time had come. */
  | 'alert.evaluated'
  /** A manual resolve of an alert that is unknown, or that never stays open. */
  | 'alert.resolve_ignored'
  /** A person has acknowledged an alert, or it is acknowledged no longer. */
  | 'alert.response'
  /** An acknowledgement of what is unknown, does not fire, or has been acknowledged. */
  | 'alert.response_ignored'
  /** A person has silenced alerts, extended a silence, or ended it. */
  | 'silence.changed'
  /** Of a silence that has ended, is unknown, is there already, or would last too long. */
  | 'silence.ignored'
  /** A person tried a channel that the rules do not name. */
  | 'send.ignored'
  /** A channel accepted a notification. */
  | 'delivery.delivered'
  /** A channel accepted it, the table could not be written: `route` records it. */
  | 'delivery.recording_deferred'
  /** `route` has recorded such a delivery. */
  | 'delivery.recorded_late'
  /** Nothing is owed any more: `reason` says why. */
  | 'delivery.suppressed'
  /** Another invocation has claimed it. */
  | 'delivery.in_progress'
  /** Not attempted: rate limit, open circuit, no time left. It is retried. */
  | 'delivery.deferred'
  /** An attempt failed, or the channel asked to wait. It is retried. */
  | 'delivery.failed'
  /** It can't succeed, or was attempted too often. */
  | 'delivery.dead_lettered'
  /** A digest's message could not be edited: it is tried again, or with the next change of its alerts. */
  | 'digest.not_edited'
  /** No channel will close this incident: it is a dead letter, for a person. */
  | 'incident.left_open'
  /** The router failed on a message, which SQS delivers again. */
  | 'message.retry'
  /** A message that the router can't read: a dead letter. */
  | 'message.refused'
  /** SQS refused a message of the router's own for what it holds. */
  | 'queue.entry_rejected'
  /** A deliverer cannot read what else waits in its queue: that has its own batch. */
  | 'queue.read_failed'
  /** What it has handled is still in its queue, and is delivered again. */
  | 'queue.delete_failed'
  /** The table did not answer for a whole batch. */
  | 'table.read_failed'
  /** A channel asked to wait, and that could not be recorded for the other invocations. */
  | 'channel.pause_failed'
  /** The subscriptions of an email topic could not be read. */
  | 'email.subscriptions_unreadable'
  /** The secret that signs links could not be read. */
  | 'email.without_links'
  /** This process uses a newer version of the rules. */
  | 'rules.activated'
  /** Pushed rules that a deployment has superseded. */
  | 'rules.superseded'
  /** Newer rules could not be loaded: the last valid ones stay active. */
  | 'rules.stale'
  /** The validator refused pushed rules. */
  | 'rules.rejected'
  /** The validator had no time to check all of the pushed rules. */
  | 'rules.partly_checked'
  /** A part of the clock's run failed: the next run does it. */
  | 'tick.failed'
  /** Its message did not arrive: CloudWatch shows that it changed. */
  | 'reconcile.found'
  /** CloudWatch and the table differ, and it is muted, or nothing says why. */
  | 'reconcile.left'
  /** A part could not be asked: `reason` says which, and what it needs. */
  | 'reconcile.refused'
  /** An account could not be compared: the next run does it. */
  | 'reconcile.failed'
  /** A service of the platform does not answer the probe. */
  | 'probe.failed'
  /** A drill, and what became of it in each channel. */
  | 'drill.ended'
  /** A drill that did not arrive everywhere: the same. */
  | 'drill.missed'
  /** This run has been started before: Scheduler starts one at least once. */
  | 'drill.repeated'
  /** Evidence has followed an alert. */
  | 'evidence.sent'
  /** It should have followed an alert, and does not: `reason` says why. */
  | 'evidence.dropped'
  /** It does not follow this alert: `reason` says why. */
  | 'evidence.not_wanted'
  /** It follows later: the alert is not delivered yet, or somebody else is asking. */
  | 'evidence.waits'
  /** What a person wants, in Slack, PagerDuty or by a link, is on the alarms' queue. */
  | 'answer.ordered'
  /** The same; that its event is done could not be recorded. */
  | 'answer.unsettled'
  /** It is about no alert that is known: an incident of another tool, say. */
  | 'answer.unknown'
  /** It is from who it says, and changes nothing here. */
  | 'answer.unused'
  /** It could not be recorded: 503, and its sender may bring it again. */
  | 'answer.failed'
  /** Slack did not show a text to the person who pressed a button. */
  | 'answer.unsaid'
  /** Of two regions, this one sends from now on. */
  | 'pair.took_over'
  /** The other one sends from now on. */
  | 'pair.stood_down'
  /** The other region could not be notified by a message. It reads the same in the table. */
  | 'pair.not_notified'
  /** An order about which region sends that changes nothing. */
  | 'pair.order_ignored'
  /** A report was handed to the router. */
  | 'report.sent'
  /** The same, without its page. */
  | 'report.page_failed'

type Fields = Record<string, unknown>

/**
 * Structured logs: one object a line, with `event`, a `message` for people, and fields. Lambda's JSON log format
 * (serverless.yml) adds time, level and request id, and drops lines below the level set there. A line about an alert has
 * its `fingerprint`, one about a delivery its `notificationId` too. LOG_LEVEL=SILENT: none at all, as on a laptop.
 */
export const log = {
  info: (event: LogEvent, message: string, fields: Fields) => write('info', event, message, fields),
  warn: (event: LogEvent, message: string, fields: Fields) => write('warn', event, message, fields),
  error: (event: LogEvent, message: string, fields: Fields) => write('error', event, message, fields),
}

function write(level: 'info' | 'warn' | 'error', event: LogEvent, message: string, fields: Fields): void {
  if (process.env.LOG_LEVEL !== 'SILENT') console[level]({ event, message, ...fields })
}
