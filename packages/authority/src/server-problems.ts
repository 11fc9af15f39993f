import { LeaseholdError } from '@leasehold/protocol';
import { TermsError } from '@leasehold/terms';
import type { FastifyError } from 'fastify';

/** Whatever a request ended with, as an error of ours. What is nobody's business stays in `cause`. */
export function problemOf(thrown: FastifyError | LeaseholdError | Error): LeaseholdError {
  if (LeaseholdError.is(thrown)) return thrown;
  if (thrown instanceof TermsError) {
    return new LeaseholdError('INPUT_INVALID', thrown.message, { path: thrown.path, cause: thrown });
  }
  const { code, statusCode = 500, validation, validationContext } = thrown as FastifyError;
  if (validation !== undefined) {
    const [first] = validation;
    return new LeaseholdError('INPUT_INVALID', `The ${validationContext ?? 'request'} is not of the right form.`, {
      path: `${validationContext ?? 'body'}${first?.instancePath ?? ''}`.replaceAll('/', '.'),
      remedy: `It ${first?.message ?? 'is wrong'}; see /openapi.json.`,
    });
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new LeaseholdError('PAYLOAD_TOO_LARGE', 'The body is too large.');
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new LeaseholdError('INPUT_INVALID', 'The body must be application/json.', { path: 'header.Content-Type' });
  }
  if (statusCode >= 400 && statusCode < 500)
    return new LeaseholdError('INPUT_INVALID', 'The request cannot be read.', { cause: thrown });
  return new LeaseholdError('INTERNAL', 'The authority failed at this request; nothing was changed.', {
    retryAfterSeconds: 5,
    remedy: 'Try again. If it repeats, tell the operator the time of it.',
    cause: thrown,
  });
}
