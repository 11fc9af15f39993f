import { Type, type TSchema } from '@sinclair/typebox';

/** Words that many messages share. Bounds stand here so that no reply or request grows without limit. */
export const Id = Type.String({ minLength: 1, maxLength: 128 });
export const Name = Type.String({ minLength: 1, maxLength: 200 });
export const Instant = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,3})?Z$' });
export const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });
export const Token = Type.String({ minLength: 1, maxLength: 300_000 });
/** The facts of a backup server name every guest that it reaches: as long as tokens.ts reads one. */
export const EntitlementsToken = Type.String({ minLength: 1, maxLength: 8_000_000 });
/** base64url of 1 to 64 bytes: a hash, a nonce, a thumbprint. */
export const Digest = Type.String({ pattern: '^[A-Za-z0-9_-]{2,88}$' });
export const Count = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
/** A record whose names are short words; a name of another form is refused, not carried along. Nor is one that every object
 * has already: who adds up by names would add to that. */
export const wordRecord = <T extends TSchema>(value: T) =>
  Type.Record(Type.String({ pattern: '^(?!__proto__$|constructor$)[a-z0-9_]{1,32}$' }), value, {
    additionalProperties: false,
    maxProperties: 64,
  });
export const Cals = wordRecord(Count);
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const oneOf = <const T extends readonly string[]>(words: T) =>
  Type.Unsafe<T[number]>(Type.Union(words.map((word) => Type.Literal(word))));

/** The decision of the rules as it travels (terms/decision.ts). */
export const DecisionMessage = Type.Object({
  decision: oneOf(['allow', 'warn', 'needs', 'refuse']),
  reason_rule: Id,
  code: Type.Optional(Id),
  also: Type.Optional(Type.Array(Id)),
  needs: Type.Optional(
    Type.Array(Type.Object({ edition: Id, term: Id, count: Count, bindTo: Type.String({ maxLength: 300 }) })),
  ),
  warnings: Type.Optional(Type.Array(Id)),
  obligations: Type.Optional(Type.Array(Id)),
  value: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  until: Type.Optional(Instant),
});
