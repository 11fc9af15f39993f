import { useRef } from 'preact/hooks';
import type { ReplyOf, RequestOf, RouteName } from '@leasehold/protocol';
import type { Live } from '../model/live.js';
import { createResource } from '../model/resource.js';
import type { Decision } from '../model/rows.js';
import {
  Consequences,
  FormDialog,
  useConfirmation,
  type Confirmation,
  type Consequence,
  type FormProps,
} from './dialog.js';
import { Icon } from './icon.js';
import { ProblemNote } from './problem.js';
import { reasonOf } from './reason.js';
import { useResource } from './use-resource.js';

/** Changes that can be asked about before they are made. */
type Asked = {
  [R in RouteName]: ReplyOf<R> extends { readonly decision: Decision; readonly dryRun: boolean } ? R : never;
}[RouteName];

interface AskProps<R extends Asked> extends Omit<FormProps, 'ready' | 'run'>, Confirmation {
  readonly live: Live;
  readonly route: R;
  readonly isReply: (value: unknown) => value is ReplyOf<R>;
  readonly params?: Readonly<Record<string, string>>;
  /** Undefined while something is still to be given. */
  readonly body: RequestOf<R> | undefined;
  readonly consequences?: readonly Consequence[];
  /** What only the dry run knows of them. */
  readonly effects?: (reply: ReplyOf<R>) => readonly Consequence[];
  readonly done?: (reply: ReplyOf<R>) => void;
}

/** Who types is not asked about at every letter, ms. */
const CALM = 200;

/** A change that is asked about first: what the authority would decide stands there with its sentence before it can be
 * made, and again whenever something changes meanwhile. */
export function AskDialog<R extends Asked>(props: AskProps<R>) {
  const {
    live,
    route,
    isReply,
    params = {},
    body,
    consequences = [],
    effects,
    done,
    name,
    checkbox,
    children,
    ...form
  } = props;
  const [isSure, confirmation] = useConfirmation({ name, checkbox });
  const isTyping = useRef(false);
  const dry = useResource(live, JSON.stringify([route, params, body]), () =>
    createResource(async (signal) => {
      if (body === undefined) return undefined;
      if (isTyping.current) await new Promise((resolve) => setTimeout(resolve, CALM));
      isTyping.current = true;
      signal.throwIfAborted();
      return live.authority.call(route, isReply, {
        params,
        body: { ...(body as object), dryRun: true } as RequestOf<R>,
        signal,
      });
    }),
  );
  const asked = dry.data.value;
  return (
    <FormDialog
      {...form}
      ready={isSure && body !== undefined && asked !== undefined && dry.problem.value === undefined}
      run={async () => {
        const reply = await live.authority.call(route, isReply, { params, ...(body && { body }) });
        done?.(reply);
      }}
    >
      {children}
      {consequences.length > 0 && <Consequences all={consequences} />}
      {asked !== undefined && effects !== undefined && <Consequences all={effects(asked)} />}
      {asked !== undefined && <Verdict decision={(asked as { readonly decision: Decision }).decision} />}
      <ProblemNote problem={dry.problem.value} />
      {confirmation}
    </FormDialog>
  );
}

/** The rules' own sentence, and what is to be done beside it. What the role alone allows needs no words. */
function Verdict({ decision }: { decision: Decision }) {
  const { sentence, rule, obligations, cure } = reasonOf(decision);
  if (rule === 'ACCESS') return null;
  const isPlain = decision.decision === 'allow';
  return (
    <div class="note" role="status">
      <Icon name={isPlain ? 'ok' : 'alert'} class={isPlain ? 'ok' : 'attention'} />
      <div>
        <p class="strong">{sentence}</p>
        <p class="soft">{[...obligations, cure].join(' ')}</p>
        <p class="quiet">{rule}</p>
      </div>
    </div>
  );
}
