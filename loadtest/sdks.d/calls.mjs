// The calls of the Node SDK: each line of stdin is [base URL, call, argument], and is answered by a line
// [what the SDK made of the answer, the answer's headers]. The folder of the files is the first argument.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

// From where it was installed, which is not where this file is.
const { OpenAI, APIError } = createRequire(`${process.cwd()}/`)('openai');
const folder = process.argv[2];
const clients = new Map();
let latest;

async function remembering(...request) {
  latest = await fetch(...request);
  return latest;
}

const model = 'stub-1';

async function all(stream, reading) {
  const pieces = [];
  for await (const part of stream) pieces.push(reading(part));
  return pieces;
}

// By the SDK's own helper, which folds the chunks, and does not show the answer's headers.
function helped(client, request) {
  const withResponse = async () => {
    const data = await client.chat.completions.stream(request).finalChatCompletion();
    return { data, response: latest };
  };
  return { withResponse };
}

const spoken = ({ role, content, tool_calls: calls }) => [
  role,
  content,
  (calls ?? []).map(({ id, function: { name, arguments: given } }) => [id, name, given]),
];

const brief = (file) => [file.id, file.filename, file.bytes, file.purpose];
const open = (name) => createReadStream(`${folder}/${name}`);

// What to call, and what to tell of what it gives.
const CALLS = {
  completions: [
    (client, more) => client.completions.create({ model, prompt: 'Größe?', ...more }),
    async (answer, more) =>
      more.stream
        ? (await all(answer, (part) => part.choices[0]?.text ?? '')).join('')
        : answer.choices[0].text,
  ],
  'models.list': [(client) => client.models.list(), (page) => all(page, ({ id }) => id)],
  'models.retrieve': [(client, id) => client.models.retrieve(id), ({ id, unknown }) => [id, unknown]],
  chat: [
    (client, { stream, ...more }) =>
      stream ? helped(client, { model, ...more }) : client.chat.completions.create({ model, ...more }),
    ({ choices }) => choices.map(({ message }) => spoken(message)),
  ],
  embeddings: [
    (client, more) => client.embeddings.create({ model, ...more }),
    ({ data }) => data.map(({ index, embedding }) => [index, embedding]),
  ],
  'files.create': [(client, name) => client.files.create({ file: open(name), purpose: 'batch' }), brief],
  'files.retrieve': [(client, id) => client.files.retrieve(id), brief],
  'files.list': [(client, limit) => client.files.list({ limit }), (page) => all(page, brief)],
  'files.content': [
    (client, id) => client.files.content(id),
    async (response) =>
      createHash('sha256').update(Buffer.from(await response.arrayBuffer())).digest('hex'),
  ],
  'files.delete': [(client, id) => client.files.delete(id), ({ id, deleted }) => [id, deleted]],
  'audio.transcriptions': [
    (client, name) =>
      client.audio.transcriptions.create({ file: open(name), model: 'whisper-1', language: 'de' }),
    ({ text }) => text,
  ],
};

async function ask(url, what, argument) {
  if (!clients.has(url)) {
    const options = { apiKey: 'sdks', maxRetries: 0, timeout: 30_000, fetch: remembering };
    clients.set(url, new OpenAI({ baseURL: url, ...options }));
  }
  const [call, reading] = CALLS[what];
  try {
    const { data, response } = await call(clients.get(url), argument).withResponse();
    return [await reading(data, argument), Object.fromEntries(response.headers)];
  } catch (refused) {
    if (!(refused instanceof APIError) || !refused.status) throw refused;
    return [[refused.status, refused.error.message], Object.fromEntries(refused.headers)];
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await ask(...JSON.parse(line))));
}
