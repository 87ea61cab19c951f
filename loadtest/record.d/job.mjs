// The example job of the Node SDK, as job.py: asks by the variables that the SDK reads, and prints a line
// [what, status, digest, bytes, seen] a call. The working folder is that of node_modules.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

const { OpenAI, APIError } = createRequire(`${process.env.JOB_FOLDER}/`)('openai');
const client = new OpenAI({ maxRetries: 0, timeout: 120_000 });
const model = process.env.JOB_MODEL ?? 'gpt-3.5-turbo-instruct';
const prompt = { model, prompt: 'Say this is a test', max_tokens: 16 };
const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } }];

function tell(what, status, body, seen) {
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 12);
  console.log(JSON.stringify([what, status, digest, body.length, seen ?? null]));
}

async function bytes(promise) {
  const response = await promise.asResponse();
  return [response.status, Buffer.from(await response.arrayBuffer())];
}

async function whole(what, ask, reading) {
  try {
    const [status, body] = await bytes(ask());
    tell(what, status, body, reading(await ask()));
  } catch (refused) {
    if (!(refused instanceof APIError) || !refused.status) throw refused;
    tell(what, refused.status, Buffer.from(JSON.stringify(refused.error ?? null)), refused.message);
  }
}

async function stream(what, ask, reading) {
  const [status, body] = await bytes(ask());
  const seen = [];
  for await (const chunk of await ask()) seen.push(reading(chunk));
  tell(what, status, body, seen);
}

const text = (answer) => answer.choices[0]?.text ?? null;
await whole('completion, plain', () => client.completions.create({ ...prompt, temperature: 0 }), text);
for (const sample of [1, 2, 3]) {
  await whole(`completion, sample ${sample}`, () => client.completions.create({ ...prompt, temperature: 1 }), text);
}
await stream(
  'completion, streamed',
  () => client.completions.create({ ...prompt, temperature: 0, stream: true }),
  text,
);
await stream(
  'chat with tools, streamed',
  () =>
    client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'What is the weather in Zürich?' }],
      tools,
      max_tokens: 32,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    }),
  (chunk) => chunk.choices[0]?.delta ?? null,
);
if ((process.env.JOB_EMBEDDINGS ?? 'yes') === 'yes') {
  await whole(
    'embeddings',
    () => client.embeddings.create({ model, input: ['a', 'b'] }),
    (answer) => answer.data.map(({ embedding }) => [...embedding].slice(0, 3)),
  );
}
await whole('models', () => client.models.list(), (page) => page.data.map(({ id }) => id));
await whole('an error', () => client.completions.create({ ...prompt, max_tokens: -7 }), text);
