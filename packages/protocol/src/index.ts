export { fromBase64Url, fromUtf8, toBase64Url, utf8 } from './bytes.js';
export { canonicalJson, entitlementsDigest, entitlementsText } from './canonical.js';
export { formatConnection, isOrigin, parseConnection } from './connection.js';
export type { Connection } from './connection.js';
export { formatCsv, parseCsv } from './csv.js';
export type { CsvRecord } from './csv.js';
export { formatExchange, formatResponse, isExchange, readExchange, readResponse } from './exchange.js';
export type { ExchangeKind, ExchangeResponse } from './exchange.js';
export * as guards from './generated/guards.js';
export { EVENT_TYPES, type EventType } from './event-types.js';
export { journalHash, journalText, payloadHash } from './journal.js';
export type { JournalLink, Sha256 } from './journal.js';
export { KEYSET_WARN_DAYS, keysOf, verifyExtensionNote, verifyKeyset, verifySuccessor } from './keyset.js';
export { linesOf } from './lines.js';
export { KEY_PREFIXES, formatLicenseKey, parseLicenseKey } from './license-key.js';
export type { KeyKind } from './license-key.js';
export { FIRMWARE_COMPONENTS, passportHash } from './media-passport.js';
export {
  canonicalCode,
  CODE_ROUNDS,
  CODES,
  codeSalt,
  formatCode,
  indexOfChallenge,
  machineCode,
  makeChallenge,
  PIN_SCRYPT,
  pinSalt,
  readSpoken,
} from './one-time-code.js';
export { LeaseholdError, PROBLEM_CODES, fromProblem } from './problems.js';
export { shortageOf } from './shortage.js';
export type { ShortageReason } from './shortage.js';
export { toProblem } from './to-problem.js';
export type { Problem, ProblemCode, ProblemDetails } from './problems.js';
export { challengeAt, provenKey } from './proof.js';
export type { ProofJudge, ProvenRequest } from './proof.js';
export { ROUTES, pathOf } from './routes.js';
export type { Access, Message, Owned, RouteRow } from './route-row.js';
export type { ReplyOf, RequestOf, RouteName } from './routes.js';
export { readJwk } from './seal.js';
export type { Ed25519Verifier, PublicJwk, Signer } from './seal.js';
export { STATEMENT_COLUMNS, statementCells, StatementSum, verifyStatement } from './statement.js';
export type { StatementRecord } from './statement.js';
export { thumbprint } from './thumbprint.js';
export { signToken, verifyLineage, verifyProof, verifyRequest, verifyToken } from './tokens.js';
export type { KeyLookup, TokenKind, Verification } from './tokens.js';
export { PROTOCOL_HEADER, PROTOCOL_VERSION, readProtocolVersion } from './version.js';
export type * from './messages/types.js';
