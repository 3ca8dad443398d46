import {z} from 'zod';

type Schema = z.core.$ZodType;
type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What a file may hold at a place, as a reader would call it. */
export interface ValueType {
  /** `list of text`, `whole number 1 to 20`, `uefi | bios`. */
  readonly type: string;
  readonly required: boolean;
  /** What stands for an absent key, as YAML. */
  readonly default?: string;
}

export function valueType(schema: Schema): ValueType {
  const json = z.toJSONSchema(schema, {io: 'input', unrepresentable: 'any'});
  // An empty mapping says nothing: the keys in it have their own defaults.
  const known = json.default !== undefined && JSON.stringify(json.default) !== '{}';
  return {
    type: name(json),
    required: !(schema as z.ZodType).isOptional(),
    ...(known ? {default: JSON.stringify(json.default).replaceAll('"', '')} : {}),
  };
}

function name(schema: JsonSchema): string {
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum) return schema.enum.map(String).join(' | ');
  switch (schema.type) {
    case 'array':
      return `list of ${typeof schema.items === 'object' && !Array.isArray(schema.items) ? name(schema.items) : 'values'}`;
    case 'object':
      return schema.properties || !schema.additionalProperties ? 'mapping' : 'mapping of names';
    case 'integer':
      return `whole number${range(schema)}`;
    case 'number':
      return `number${range(schema)}`;
    case 'boolean':
      return 'true | false';
    case 'string':
      return schema.format?.replaceAll('-', ' ') ?? 'text';
    case 'null':
    case undefined:
    default:
      return 'value';
  }
}

const range = ({minimum, maximum}: JsonSchema): string =>
  minimum === undefined || maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER
    ? ''
    : ` ${minimum} to ${maximum}`;
