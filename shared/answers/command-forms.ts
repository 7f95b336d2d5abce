/** What people may write after the slash command: its usage, the hint in the app's manifest, and shared/inbox/command.ts. */
export const COMMAND_FORMS = ['ack KEY [for 2h]', 'resolve KEY', 'note KEY: TEXT', 'silence KEY 2h WHY'] as const
