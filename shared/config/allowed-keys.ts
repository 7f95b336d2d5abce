import type * as z from 'zod'

type Def = { type: string; discriminator?: string } & Partial<{
  innerType: z.core.$ZodType
  getter: () => z.core.$ZodType
  in: z.core.$ZodType
  options: z.core.$ZodType[]
  shape: Record<string, z.core.$ZodType>
  catchall: z.core.$ZodType
  keyType: z.core.$ZodType
  valueType: z.core.$ZodType
  element: z.core.$ZodType
}>

const defOf = (schema: z.core.$ZodType) => schema._zod.def as Def

/** The keys that a schema knows at a path of some data; those of every form that the value there may have. */
export function keysAllowedAt(schema: z.core.$ZodType, path: readonly PropertyKey[], data: unknown): string[] {
  const forms = formsAt(schema, path, data)
  return [
    ...new Set(
      forms.flatMap((form) => {
        const { shape = {}, keyType } = defOf(form)
        return [...Object.keys(shape), ...[...(keyType?._zod.values ?? [])].map(String)]
      }),
    ),
  ]
}

/** The values of the key that decides which form a value has, such as the types of a channel. */
export function formNamesAt(schema: z.core.$ZodType, path: readonly PropertyKey[], key: string): string[] {
  const forms = formsAt(schema, path, undefined)
  return forms.flatMap((form) => {
    const { values } = defOf(form).shape?.[key]?._zod ?? {}
    return [...(values ?? [])].map(String)
  })
}

function formsAt(schema: z.core.$ZodType, path: readonly PropertyKey[], data: unknown): z.core.$ZodType[] {
  const forms = formsOf(schema, data)
  const [key, ...rest] = path
  if (key === undefined) return forms
  const below = (data as Record<PropertyKey, unknown> | undefined)?.[key]
  return forms.flatMap((form) => {
    const { shape, catchall, valueType, element } = defOf(form)
    const next = shape?.[String(key)] ?? catchall ?? valueType ?? element
    return next ? formsAt(next, rest, below) : []
  })
}

/** What is below `optional` and the like; and the options of a union, or the one that the data is of. */
function formsOf(schema: z.core.$ZodType, data: unknown): z.core.$ZodType[] {
  const def = defOf(schema)
  const inner = def.innerType ?? def.getter?.() ?? def.in
  if (inner) return formsOf(inner, data)
  const { options, discriminator } = def
  if (!options) return [schema]
  const type = discriminator === undefined ? undefined : (data as Record<string, unknown> | undefined)?.[discriminator]
  const meant = options.filter((option) => defOf(option).shape?.[discriminator ?? '']?._zod.values?.has(type as string))
  return (meant.length > 0 ? meant : options).flatMap((option) => formsOf(option, data))
}
