import { freshId, type Handler } from '../serving/call.js';
import { changed, make, param } from './change.js';

type MachineRoute = 'machine' | 'machineDeclare' | 'machineRelease' | 'standbyCreate' | 'forkDecide' | 'licenseBind';

/** What admins see and change about machines and hosts. */
export const machineHandlers: { readonly [R in MachineRoute]: Handler<R> } = {
  machine: ({ services: { store, account }, params, now }) => {
    return store.read('machine', { account, machine: params['machine']!, now });
  },
  machineDeclare: (call) => {
    const { dryRun: _dryRun, ...said } = call.body;
    return changed(call, 'machineDeclare', { ...said, machine: param(call, 'machine'), id: freshId(call, 'decl') });
  },
  machineRelease: async (call) => {
    const reply = await make(call, 'machineRelease', { machine: param(call, 'machine') });
    const { decision, result } = reply.outcome;
    const reusableFrom = result?.reusableFrom ?? null;
    return {
      ...reply.at,
      decision: structuredClone(decision) as never,
      dryRun: result === null,
      ...(result === null ? {} : { id: result.id }),
      reusableFrom: reusableFrom === null ? null : new Date(reusableFrom).toISOString(),
    };
  },
  standbyCreate: (call) => {
    const input = { machine: param(call, 'machine'), id: freshId(call, 'inst'), name: call.body.name };
    return changed(call, 'standbyCreate', input);
  },
  forkDecide: (call) => {
    const { decision, license } = call.body;
    const more = license === undefined ? {} : { license };
    const input = { machine: param(call, 'machine'), declaration: freshId(call, 'decl'), decision, ...more };
    return changed(call, 'forkDecide', input);
  },
  licenseBind: (call) => changed(call, 'licenseBind', { license: param(call, 'license'), to: call.body.to }),
};
