/** Saves a text as a file of the reader's. */
export function saveFile(name: string, type: string, text: string): void {
  const file = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = file;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(file), 10_000);
}
