/*
 * What a role may do with which resources, in as many policies as that takes. A role's own policies have 10,240 characters
 * in all; ten more may be attached to it, of 6,144 characters each (IAM User Guide, IAM and AWS STS quotas).
 */

/** Of the role's own policies, what else it may do takes up to 6,000 characters. */
const ROOM_IN_ROLE = 4_000
/** The statement around them takes the rest. */
const ROOM_IN_POLICY = 6_000
const MOST_POLICIES = 10

/** The longest that CloudFormation fills in. */
const FILLED_IN: [name: string, length: number][] = [
  [`\${AWS::Partition}`, 10],
  [`\${AWS::Region}`, 14],
  [`\${AWS::AccountId}`, 12],
]

const LOG_GROUP_ARN = `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:`
const FUNCTION_ARN = `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:`

/** An action on resources that are named, as Fn::Sub takes them. */
export interface Grant {
  action: string
  resources: string[]
}

export interface Grants {
  /** Where all fit into the role's own policies. */
  inRole: Grant[]
  /** Else each of these is a policy that is attached to the role. */
  policies: Grant[]
  /** Too many to be named, even so: allowed on all of their kind. */
  widened: string[]
}

/** Sorted by how little harm it does to widen it: to read how a function is limited, to read logs; roles are always named. */
export function grantsOf(of: { functions: string[]; logGroups: string[]; roles: string[] }): Grants {
  const named = [
    { action: 'lambda:GetFunctionConcurrency', prefix: FUNCTION_ARN, resources: arnsOf(FUNCTION_ARN, of.functions) },
    { action: 'logs:StartQuery', prefix: LOG_GROUP_ARN, resources: arnsOf(LOG_GROUP_ARN, of.logGroups, ':*') },
    { action: 'sts:AssumeRole', prefix: '', resources: arnsOf('', of.roles) },
  ].filter(({ resources }) => resources.length > 0)
  const all = named.flatMap(({ resources }) => resources)
  if (sizeOf(all) <= ROOM_IN_ROLE) return { inRole: named.map(grant), policies: [], widened: [] }
  const wide: Grant[] = []
  for (const { action, prefix } of named.filter((one) => one.prefix !== '')) {
    if (named.flatMap(inPolicies).length <= MOST_POLICIES) break
    named.shift()
    wide.push({ action, resources: [`${prefix}*`] })
  }
  return { inRole: wide, policies: named.flatMap(inPolicies), widened: wide.map(({ action }) => action) }
}

const grant = ({ action, resources }: Grant): Grant => ({ action, resources })

const arnsOf = (prefix: string, names: string[], end = '') =>
  [...new Set(names)].sort().map((name) => `${prefix}${name}${end}`)

function inPolicies({ action, resources }: Grant): Grant[] {
  const policies: Grant[] = []
  for (const resource of resources) {
    const last = policies.at(-1)
    if (last && sizeOf([...last.resources, resource]) <= ROOM_IN_POLICY) last.resources.push(resource)
    else policies.push({ action, resources: [resource] })
  }
  return policies
}

/** As JSON, with quotes and commas. */
const sizeOf = (resources: string[]): number =>
  resources.reduce((sum, one) => sum + filledIn(one).length + '"",'.length, 0)

const filledIn = (text: string): string =>
  FILLED_IN.reduce((filled, [name, length]) => filled.replaceAll(name, 'x'.repeat(length)), text)
