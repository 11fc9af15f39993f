import { ROUTES, type Access, type RouteRow } from '@leasehold/protocol';
import { schemas } from '@leasehold/protocol/schemas';

/** The OpenAPI 3.1 document of the route table: whatever is served stands in it, and nothing else. */
export function openApi(version: string, server: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, row] of Object.entries(ROUTES) as [string, RouteRow][]) {
    const path = row.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [row.method.toLowerCase()]: operation(name, row) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Leasehold authority', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: server }],
    paths,
    components: {
      schemas: { ...schemas },
      securitySchemes: {
        device: {
          type: 'apiKey',
          in: 'header',
          name: 'Leasehold-Proof',
          description: 'Proof of possession, after RFC 9449',
        },
        person: { type: 'http', scheme: 'bearer', description: 'Access token, lha_…' },
      },
    },
  };
}

function operation(name: string, row: RouteRow): object {
  const changes = row.access !== 'public' && row.access !== 'device' && row.method !== 'GET';
  const parameters = [
    ...[...row.path.matchAll(/:(\w+)/g)].map((match) => parameter(match[1]!, 'path')),
    ...(row.query ?? []).map((query) => parameter(query, 'query')),
    ...(row.sort === undefined ? [] : [sorting(row.sort)]),
    ...(changes ? [parameter('Idempotency-Key', 'header'), parameter('If-Match', 'header')] : []),
    ...(row.method === 'DELETE' ? [parameter('dryRun', 'query')] : []),
  ];
  return {
    operationId: name,
    summary: row.summary,
    'x-access': row.access,
    ...scopeOf(row),
    security: security(row.access),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(row.request === undefined || row.method === 'DELETE'
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: ref(row.request) } } } }),
    responses: {
      200: {
        description: 'Done',
        content: { [row.as ?? 'application/json']: { schema: ref(row.reply) } },
      },
      default: {
        description: 'Problem (RFC 9457)',
        content: { 'application/problem+json': { schema: ref('ProblemMessage') } },
      },
    },
  };
}

/** What the token of a company may do with it: nothing, or what lies within its company and those below. */
function scopeOf(row: RouteRow): object {
  if (!('scope' in row)) return {};
  return { 'x-scope': row.scope === 'account' ? 'account' : 'company' };
}

function parameter(name: string, place: 'path' | 'query' | 'header'): object {
  return { name, in: place, required: place === 'path', schema: { type: 'string', maxLength: 300 } };
}

/** A list is sorted by one column; a minus turns the order round. */
function sorting(columns: readonly string[]): object {
  const options = columns.flatMap((column) => [column, `-${column}`]);
  return { name: 'sort', in: 'query', required: false, schema: { type: 'string', enum: options } };
}

function security(access: Access): object[] {
  if (access === 'public') return [];
  return [access === 'device' ? { device: [] } : { person: [] }];
}

function ref(schema: string): object {
  return { $ref: `#/components/schemas/${schema}` };
}
