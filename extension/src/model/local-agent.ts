import { signal, type Signal } from '@preact/signals';
import type { Message } from '@leasehold/protocol';
import { isNativeReply } from '@leasehold/protocol/guards';
import type { Platform } from '../platform.js';

export type LocalStatus = Extract<Message<'NativeReply'>, { ok: true }>['status'];
type Refusal = Extract<Message<'NativeReply'>, { ok: false }>['code'];

/** What can be said of this machine's agent. `ask`: the browser has not allowed it yet; `no_host`: nobody to ask. */
export type LocalAgent =
  | { readonly phase: 'looking' }
  | { readonly phase: 'ask'; readonly isRefused: boolean }
  | { readonly phase: 'no_host' }
  | { readonly phase: 'none'; readonly code: Refusal | 'WRONG_SHAPE'; readonly detail: string }
  | { readonly phase: 'told'; readonly status: LocalStatus; readonly at: number };

export interface LocalAgentModel {
  readonly agent: Signal<LocalAgent>;
  /** Set when a check-in was asked for and could not be. */
  readonly refused: Signal<Refusal | 'WRONG_SHAPE' | undefined>;
  /** Looks once; asks for nothing that was not allowed before. */
  look(): Promise<void>;
  /** In the click itself: browsers ask for permissions only there. */
  allow(): Promise<void>;
  /** Has the agent ask its authority now. */
  checkIn(): Promise<void>;
}

/** The agent of the machine that this browser runs on. It needs no connection and no authority. */
export function localAgent(platform: Platform, now: () => number): LocalAgentModel {
  const agent = signal<LocalAgent>({ phase: 'looking' });
  const refused = signal<Refusal | 'WRONG_SHAPE' | undefined>(undefined);

  const hear = async (ask: 'status' | 'check'): Promise<LocalAgent> => {
    const reply = await platform.askAgent(ask).catch(() => undefined);
    if (reply === undefined) return { phase: 'no_host' };
    if (!isNativeReply(reply)) return { phase: 'none', code: 'WRONG_SHAPE', detail: '' };
    return reply.ok ? { phase: 'told', status: reply.status, at: now() } : { ...reply, phase: 'none' };
  };
  const model: LocalAgentModel = {
    agent,
    refused,
    async look() {
      const may = await platform.hasPermission('nativeMessaging');
      agent.value = may ? await hear('status') : { phase: 'ask', isRefused: false };
    },
    async allow() {
      const granted = await platform.requestPermission('nativeMessaging');
      agent.value = granted ? await hear('status') : { phase: 'ask', isRefused: true };
    },
    async checkIn() {
      const heard = await hear('check');
      refused.value = heard.phase === 'none' ? heard.code : undefined;
      // A check-in that was not permitted leaves what is known of the machine where it stands.
      if (heard.phase === 'told' || agent.value.phase !== 'told') agent.value = heard;
    },
  };
  return model;
}
