import { Empty } from '../../components/empty.js';
import { place } from '../../model/place.js';
import { p } from '../../texts/pages.js';

/** What a search does not find may be there all the same: only without one is it said that there is nothing. */
export function NoRows({ title, body }: { title: string; body?: string }) {
  const isSearched = place.value.query['search'] !== undefined;
  return (
    <div class="box">
      {isSearched ? <Empty title={p.value.activity.noMatch} /> : <Empty title={title} body={body} />}
    </div>
  );
}
