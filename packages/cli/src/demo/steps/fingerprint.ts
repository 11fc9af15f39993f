import { readMachine, type Component, type Evidence } from '@leasehold/fingerprint';
import { coverFor } from '../cover.js';
import { must, type Step } from '../story.js';

const told = (how: readonly Evidence[]): string =>
  how.length === 0 ? 'nothing says so' : how.map(({ source, says }) => `${source}: ${says}`).join(', ');

const STATES = { value: 'found', absent: 'absent', not_permitted: 'not permitted' } as const;

export const fingerprintStep: Step = {
  title: 'This machine is looked at; only keyed hashes leave it',
  async run({ screen }) {
    const fingerprint = (await readMachine()).fingerprint('demo');
    const { components, hypervisor, container, identity, machine } = fingerprint;
    for (const [state, word] of Object.entries(STATES)) {
      const names = Object.entries<Component>(components).flatMap(([name, part]) =>
        part.state === state ? [name] : [],
      );
      if (names.length > 0) screen.done(`${word}: ${names.join(', ')}`);
    }
    const metal = { bare_metal: 'bare metal', guest: 'a guest', unknown: 'not told' }[hypervisor.kind];
    screen.done(`Hypervisor: ${metal}${hypervisor.name === null ? '' : ` of ${hypervisor.name}`}.`);
    screen.note(told(hypervisor.how));
    screen.done(`Container: ${container.kind ?? 'none'}.`);
    if (container.kind !== null) screen.note(told(container.how));
    screen.done(`Identity: ${identity.state} (${identity.reason}). ${machine.os}: ${coverFor(fingerprint).because}.`);
    must(Object.keys(components).length > 0, 'nothing was looked at');
    return {};
  },
};
