// A reporter that writes the files of failed journeys, one a line; `?` for one without a file.

export default async function* failing(events) {
  const files = new Set();
  for await (const { type, data } of events) {
    if (type === "test:fail") files.add(data.file ?? "?");
  }
  for (const file of files) yield `${file}\n`;
}
