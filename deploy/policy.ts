/** A statement of a policy. */
export function allow(Action: string | string[], Resource: unknown, Condition?: object): object {
  return { Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) }
}

/** The ARN of a resource of the stack, by its logical id. */
export function arnOf(id: string): object {
  return { 'Fn::GetAtt': [id, 'Arn'] }
}
