import { COMMAND_FORMS } from '../../answers/command-forms.ts'

/*
 * The app's manifest (docs.slack.dev/reference/app-manifest): what it is called, and what it may do. Each workspace makes an
 * app of its own by it: Slack's limits for apps that are distributed do not hold for that. Pure.
 */

/** To post and edit; to find a message whose answer was lost, in public channels and in private ones. */
const SCOPES = ['chat:write', 'channels:history', 'groups:history']

/** @param inbox the URL of the function that takes what people answer, if there is one. */
export function manifestOf(stage: string, inbox: string | undefined) {
  const name = nameOf(stage)
  const url = inbox && `${inbox.replace(/\/+$/, '')}/slack`
  return {
    _metadata: { major_version: 1, minor_version: 1 },
    display_information: {
      name,
      description: `Alerts of the stage ${stage}, each in one message`,
    },
    features: {
      bot_user: { display_name: name, always_online: true },
      ...(url && { slash_commands: [commandOf(name, url)] }),
    },
    oauth_config: { scopes: { bot: [...SCOPES, ...(url ? ['commands'] : [])] } },
    settings: {
      interactivity: url ? { is_enabled: true, request_url: url } : { is_enabled: false },
      org_deploy_enabled: false,
      socket_mode_enabled: false,
      // The token would change every twelve hours, and nobody would store the new one.
      token_rotation_enabled: false,
    },
  }
}

/** Slack's limits: 35 characters for a name, 32 for a command. */
function nameOf(stage: string): string {
  return stage === 'prod' ? 'alert-router' : `alert-router-${stage.toLowerCase()}`.slice(0, 31)
}

/** Slack's limits: 2,000 characters for a description, 1,000 for a hint. */
function commandOf(name: string, url: string) {
  return {
    command: `/${name}`,
    url,
    description: 'Acknowledge, resolve or silence an alert, or write a note',
    usage_hint: COMMAND_FORMS.join(' | '),
    // Keys and notes arrive as they were typed.
    should_escape: false,
  }
}
