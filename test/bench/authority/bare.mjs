// A bare route, for comparison: it validates the body of an activation, verifies its proof and signs a lease of the same
// size, and has neither rules nor a store. Tells its CPU like the authority beside it.
import { createHash, createPrivateKey, sign } from 'node:crypto';
import Fastify from 'fastify';
import { signToken, thumbprint, verifyProof } from '@leasehold/protocol';
import { schemas } from '@leasehold/protocol/schemas';
import { ed25519, newKeyPair } from '../../../packages/authority/dist/ed25519.js';

const jwk = await newKeyPair();
const key = createPrivateKey({ format: 'jwk', key: jwk });
const signer = {
  publicKey: { kty: 'OKP', crv: 'Ed25519', x: jwk.x, kid: jwk.kid },
  sign: (bytes) => sign(null, bytes, key),
};
const lease = JSON.parse(process.argv[2]);

const app = Fastify({ ajv: { customOptions: { removeAdditional: false, coerceTypes: false, strict: false } } });
app.removeAllContentTypeParsers();
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
  request.raw.rawBody = body;
  done(null, JSON.parse(body.toString('utf8')));
});
async function activate(request) {
  const { claims, jwk: device } = await verifyProof(request.headers['leasehold-proof'], ed25519);
  const bh = createHash('sha256').update(request.raw.rawBody).digest('base64url');
  if (claims.bh !== bh || Math.abs(Date.now() / 1000 - claims.iat) > 300) throw new Error('another body or time');
  const { chain, machine } = request.body;
  const jkt = await thumbprint(device);
  const claimed = { ...lease, jti: `1.${chain.nonce}`, cnf: { jkt }, components: machine.components };
  return { instance: lease.sub, lease: await signToken('lease', claimed, signer) };
}
app.post('/v1/activate', { schema: { body: schemas.ActivateRequest } }, activate);
const url = await app.listen({ host: '127.0.0.1', port: 0 });
let cpu = process.cpuUsage();
process.on('message', () => {
  const { user, system } = process.cpuUsage(cpu);
  cpu = process.cpuUsage();
  process.send({ cpu: user + system });
});
process.on('disconnect', () => process.exit(0));
process.send({ url });
