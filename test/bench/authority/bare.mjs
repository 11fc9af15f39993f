// A bare route, for comparison: it validates the body of an activation, verifies its proof and signs a lease of the same
// size, by the very functions of the authority beside it, and has neither rules nor a store. Tells its CPU like that.
import Fastify from 'fastify';
import { provenKey, signToken } from '@leasehold/protocol';
import { schemas } from '@leasehold/protocol/schemas';
import {
  digestOf,
  ed25519,
  newKeyPair,
  signerOf,
  thumbprintOf,
} from '../../../packages/authority/dist/keys/ed25519.js';

const signer = signerOf(await newKeyPair());
const lease = JSON.parse(process.argv[2]);
const judge = { ed25519, same: (a, b) => a === b, nonceOf: String };

const app = Fastify({ ajv: { customOptions: { removeAdditional: false, coerceTypes: false, strict: false } } });
app.removeAllContentTypeParsers();
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
  request.raw.rawBody = body;
  done(null, JSON.parse(body.toString('utf8')));
});
async function activate(request) {
  const { method, headers, host, url: path } = request;
  const bodyDigest = digestOf(request.raw.rawBody);
  const called = { proof: headers['leasehold-proof'], method, url: `http://${host}${path}`, bodyDigest };
  const jkt = thumbprintOf(await provenKey(called, judge, Date.now()));
  const { chain, machine } = request.body;
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
