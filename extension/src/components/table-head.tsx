type Column = readonly [word: string, cells?: string, isUnseen?: boolean];

/** The words over the columns of a table, each with the classes that its cells have too; over buttons it is for readers of
 * the screen alone. The roles stay where a narrow page lays the table out anew. */
export function TableHead({ columns }: { columns: readonly Column[] }) {
  return (
    <thead role="rowgroup">
      <tr role="row">
        {columns.map(([word, cells, isUnseen]) => (
          <th key={word} role="columnheader" scope="col" class={cells}>
            {isUnseen === true ? <span class="sr-only">{word}</span> : word}
          </th>
        ))}
      </tr>
    </thead>
  );
}
