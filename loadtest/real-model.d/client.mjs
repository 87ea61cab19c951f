// Asks with the official Node SDK, as the JSON lines on stdin say, and answers each with one line:
// {"texts" (of each choice), "usage", "status" (Cache-Status), "ms"}. The base URL is the first argument.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

// From where it was installed, which is not where this file is.
const { OpenAI } = createRequire(`${process.cwd()}/`)('openai');
const client = new OpenAI({ baseURL: process.argv[2], apiKey: 'real-model', maxRetries: 0 });

async function ask(request) {
  const begin = performance.now();
  const { data, response } = await client.completions.create(request).withResponse();
  const parts = request.stream ? data : [data];
  const answer = { texts: [], usage: null, status: response.headers.get('cache-status') };
  for await (const part of parts) {
    for (const { index, text } of part.choices) {
      answer.texts[index] = (answer.texts[index] ?? '') + text;
    }
    answer.usage = part.usage ?? answer.usage;
  }
  return { ...answer, ms: performance.now() - begin };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await ask(JSON.parse(line))));
}
