import type { ReplyOf } from '@leasehold/protocol';
import { freshId, pageOf, type Call, type Handler } from '../serving/call.js';
import { changed, make, param, plain } from './change.js';

type CompanyRoute = 'companies' | 'companyCreate' | 'companyRename' | 'grants' | 'grantCreate' | 'grantTakeBack';

/** Companies, and what is given to them. */
export const companyHandlers: { readonly [R in CompanyRoute]: Handler<R> } = {
  companies: (call) => {
    const { search = null, parent = null } = call.query;
    return call.services.store.read('companies', { ...pageOf(call), search, parent });
  },
  companyCreate: (call) => {
    const { id = freshId(call, 'co'), name, parentId } = call.body;
    return changed(call, 'companyCreate', { id, name, parentId });
  },
  companyRename: (call) => changed(call, 'companyRename', { company: param(call, 'company'), name: call.body.name }),
  grants: (call) => {
    const { company = null } = call.query;
    return call.services.store.read('grants', { ...pageOf(call), company });
  },
  grantCreate: (call) => {
    const { from = null, to, type, quantity } = call.body;
    return granted(call, 'grantCreate', { id: freshId(call, 'gr'), from, to, type, quantity });
  },
  grantTakeBack: (call) => {
    return granted(call, 'grantTakeBack', { grant: param(call, 'grant'), quantity: call.body.quantity });
  },
};

type GrantRoute = 'grantCreate' | 'grantTakeBack';

async function granted<N extends GrantRoute>(
  call: Call<N>,
  name: N,
  input: Parameters<typeof make<N, N>>[2],
): Promise<ReplyOf<'grantCreate'>> {
  const { at, outcome } = await make<N, N>(call, name, input);
  const { decision, result } = outcome;
  const done = result === null ? { licenses: [] } : { id: result.id, licenses: [...result.licenses] };
  return { ...at, decision: plain(decision), dryRun: result === null, ...done };
}
