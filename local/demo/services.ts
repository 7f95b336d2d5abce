import type { Platform, Service } from '../../schemas/platform.ts'

type Named<Type extends Service['type']> = Extract<Service, { type: Type }> & { name: string }

/** The services that the faults are of: the first of each type. */
export interface Services {
  processor: Named<'lambda'> | undefined
  validator: Named<'lambda'> | undefined
  streaming: Named<'ecs'> | undefined
  warehouse: Named<'rds'> | undefined
  lake: Named<'s3'> | undefined
}

export function servicesOf({ services }: Platform): Services {
  const all = Object.entries(services).map(([name, service]) => ({ ...service, name }))
  const of = <Type extends Service['type']>(type: Type) => all.filter((one) => one.type === type) as Named<Type>[]
  const [processor, validator] = of('lambda')
  return { processor, validator, streaming: of('ecs')[0], warehouse: of('rds')[0], lake: of('s3')[0] }
}
