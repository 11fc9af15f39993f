import { canChange } from '../../model/app.js';
import { hrefOf } from '../../model/place.js';
import { typeName } from '../../texts/names.js';
import { pl } from '../../texts/plan.js';

/** To the licenses, with type and quantity filled in; the first of several is the one to press. */
export function BuyLink({ type, quantity, isFirst = true }: { type: string; quantity: number; isFirst?: boolean }) {
  if (!canChange.value) return null;
  return (
    <a
      class={`button ${isFirst ? 'primary' : ''}`}
      href={hrefOf('licenses', undefined, { buy: type, quantity: String(quantity), goods: 'aip' })}
    >
      {pl.value.buyAct(quantity, typeName(type))}
    </a>
  );
}
