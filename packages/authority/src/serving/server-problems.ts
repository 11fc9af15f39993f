import { LeaseholdError, ROUTES } from '@leasehold/protocol';
import { TermsError } from '@leasehold/terms';
import type { FastifyError, FastifyRequest } from 'fastify';
import { wrongForm } from './wrong-form.js';

/** Whatever a request ended with, as an error of ours. What is nobody's business stays in `cause`. */
export function problemOf(thrown: FastifyError | LeaseholdError | Error, request: FastifyRequest): LeaseholdError {
  if (LeaseholdError.is(thrown)) return thrown;
  if (thrown instanceof TermsError) {
    return new LeaseholdError('INPUT_INVALID', thrown.message, { path: thrown.path, cause: thrown });
  }
  if ('validation' in thrown && thrown.validation !== undefined) {
    const schema = request.routeOptions.schema?.body as object;
    return wrongForm(thrown.validation, { schema, body: request.body });
  }
  const { code, statusCode = 500 } = thrown as FastifyError;
  const known = BEFORE_ROUTES[code];
  if (known !== undefined) return known(thrown);
  if (statusCode >= 400 && statusCode < 500) {
    return new LeaseholdError('INPUT_INVALID', 'The request cannot be read.', { cause: thrown });
  }
  return new LeaseholdError('INTERNAL', 'The authority failed at this request; nothing was changed.', {
    retryAfterSeconds: 5,
    remedy: 'Try again. If it repeats, tell the operator the time of it.',
    cause: thrown,
  });
}

/** What the framework refuses by itself, by its codes. */
const BEFORE_ROUTES: Readonly<Record<string, (cause: Error) => LeaseholdError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => new LeaseholdError('PAYLOAD_TOO_LARGE', 'The body is too large.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new LeaseholdError('INPUT_INVALID', 'The body must be application/json.', { path: 'header.Content-Type' }),
  FST_ERR_BAD_URL: unreadableAddress,
  FST_ERR_MAX_PARAM_LENGTH: unreadableAddress,
};

function unreadableAddress(cause: Error): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', 'The address cannot be read.', {
    path: 'path',
    remedy: 'An id in it has at most 300 characters, encoded as UTF-8 with %XX.',
    cause,
  });
}

/** A path that is none, or that is one for another method. */
export function notFound(request: FastifyRequest): LeaseholdError {
  const path = request.url.split('?')[0]!;
  const known = Object.values(ROUTES).some((row) =>
    new RegExp(`^${row.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(path),
  );
  return known
    ? new LeaseholdError('METHOD_NOT_ALLOWED', 'This path does not know the method.', { path: 'method' })
    : new LeaseholdError('NOT_FOUND', 'There is no such path.', { remedy: 'See /openapi.json for what there is.' });
}
