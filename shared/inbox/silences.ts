/** What whoever asks for one is answered. */
export const NO_SILENCES =
  'Silences are not there yet. Until then: acknowledge the alert, or open a maintenance window in the rules.'
