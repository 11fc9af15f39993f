import buildCompilers from '@fastify/ajv-compiler';

type Build = ReturnType<typeof buildCompilers>;
type Validate = ReturnType<ReturnType<Build>>;

const build = buildCompilers();

/** Compiles the schema of a route when that is first called. An authority answers a few of its routes again and again and
 * most of them never: all at the start would be half of what starting costs, and 20 MB that stay. */
export const buildValidator: Build = (schemas, options) => {
  const compile = build(schemas, options);
  return (route) => {
    let compiled: Validate | undefined;
    const validate = ((value: unknown) => {
      compiled ??= compile(route);
      const valid = compiled(value);
      validate.errors = compiled.errors ?? null;
      return valid;
    }) as Validate;
    return validate;
  };
};
