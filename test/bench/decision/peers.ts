import { AbilityBuilder, createMongoAbility, subject } from '@casl/ability';
import cedar from '@cedar-policy/cedar-wasm/nodejs';
import { FlagdCore } from '@openfeature/flagd-core';
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin';
import { Engine } from 'json-rules-engine';
import { type Question, TABLE } from './workload.js';

/** A peer answers one question of ready-made facts with the rule that decided. */
export interface Peer {
  readonly name: string;
  /** Turns a question into the form the peer wants; built outside the timed call. */
  prepare(question: Question): unknown;
  decide(prepared: unknown): string | Promise<string>;
}

/** Rules as conditions on a subject. The last rule wins there, so the table goes in backwards. */
function casl(): Peer {
  const { can, cannot, build } = new AbilityBuilder(createMongoAbility);
  for (const row of TABLE.toReversed()) {
    (row.allowed ? can : cannot)('run', 'Job', row.when as Record<string, boolean>).because(row.rule);
  }
  const ability = build();
  return {
    name: 'CASL',
    prepare: (question) => subject('Job', { ...question }),
    decide: (job) => ability.relevantRuleFor('run', job as never)?.reason ?? 'none',
  };
}

/** One if-chain of JSON logic; the variant is the rule. */
function flagd(): Peer {
  const terms = (when: object): unknown[] =>
    Object.entries(when).map(([name, value]) => ({ '===': [{ var: name }, value] }));
  const chain = TABLE.flatMap((row) => [terms(row.when).length === 0 ? true : { and: terms(row.when) }, row.rule]);
  const core = new FlagdCore();
  const variants = Object.fromEntries(TABLE.map((row) => [row.rule, row.rule]));
  core.setConfigurations(
    JSON.stringify({
      flags: { decide: { state: 'ENABLED', variants, defaultVariant: TABLE.at(-1)!.rule, targeting: { if: chain } } },
    }),
  );
  return {
    name: 'flagd-core',
    prepare: (question) => ({ ...question }),
    decide: (context) => core.resolveStringEvaluation('decide', 'none', context as never).value,
  };
}

/** Policy lines with an explicit priority; the matched line is the reason. */
async function casbin(): Promise<Peer> {
  const model = newModelFromString(`
[request_definition]
r = job
[policy_definition]
p = priority, condition, rule, eft
[policy_effect]
e = priority(p.eft) || deny
[matchers]
m = eval(p.condition)
`);
  const lines = TABLE.map((row, priority) => {
    const terms = Object.entries(row.when).map(([name, value]) => `r.job.${name} == ${String(value)}`);
    return `p, ${priority}, ${terms.length === 0 ? 'true' : terms.join(' && ')}, ${row.rule}, ${row.allowed ? 'allow' : 'deny'}`;
  });
  const enforcer = await newEnforcer(model, new StringAdapter(lines.join('\n')));
  return {
    name: 'casbin',
    prepare: (question) => ({ ...question }),
    decide: async (job) => (await enforcer.enforceEx(job))[1][2] ?? 'none',
  };
}

/** Rules by priority; the first that fires stops the run. */
function jsonRules(): Peer {
  const engine = new Engine();
  TABLE.forEach((row, position) => {
    const all = Object.entries(row.when).map(([fact, value]) => ({ fact, operator: 'equal', value }));
    engine.addRule({
      priority: TABLE.length - position,
      conditions: { all: all.length === 0 ? [{ fact: 'always', operator: 'equal', value: true }] : all },
      event: { type: row.rule },
      onSuccess: (_event, almanac) => {
        void almanac;
        engine.stop();
      },
    });
  });
  return {
    name: 'json-rules-engine',
    prepare: (question) => ({ ...question, always: true }),
    decide: async (facts) => (await engine.run(facts as Record<string, unknown>)).events[0]?.type ?? 'none',
  };
}

/** One policy a rule, made exclusive by naming what the rules before it did not match; the reason is the policy id. */
function cedarPolicies(): Peer {
  const term = (when: object): string => {
    const terms = Object.entries(when).map(([name, value]) => `context.${name} == ${String(value)}`);
    return terms.length === 0 ? 'true' : terms.join(' && ');
  };
  const staticPolicies = Object.fromEntries(
    TABLE.map((row, position) => {
      const before = TABLE.slice(0, position).map((earlier) => `!(${term(earlier.when)})`);
      const body = [...before, `(${term(row.when)})`].join(' && ');
      return [row.rule, `${row.allowed ? 'permit' : 'forbid'} (principal, action, resource) when { ${body} };`];
    }),
  );
  const parsed = cedar.preparsePolicySet('bench', { staticPolicies, templates: {}, templateLinks: [] });
  if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed));
  const uid = (type: string) => ({ type, id: 'x' });
  return {
    name: 'Cedar',
    prepare: (question) => ({
      principal: uid('Machine'),
      action: uid('Action'),
      resource: uid('Job'),
      context: { ...question },
      entities: [],
      preparsedPolicySetId: 'bench',
    }),
    decide: (call) => {
      const reply = cedar.statefulIsAuthorized(call as never);
      return reply.type === 'success' ? (reply.response.diagnostics.reason[0] ?? 'none') : 'none';
    },
  };
}

export async function peers(): Promise<readonly Peer[]> {
  return [casl(), flagd(), await casbin(), jsonRules(), cedarPolicies()];
}
