// Loads GGUF files in llama.cpp and answers requests, a JSON array on standard input, with as many answers on standard output:
//   { "model": path, "prompts": [[id, …]], "count": n, "texts": [text, …] }
//   → { "greedy": [[id, …]], "tokens": [[id, …]] }     the most likely continuations up to an end token, and the texts as ids
import { text } from "node:stream/consumers";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";

const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: 1 });

async function answer({ model: modelPath, prompts, count, texts }) {
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({ contextSize: 256 });
  const greedy = [];
  for (const prompt of prompts) {
    const sequence = context.getSequence();
    const ids = [];
    for await (const id of sequence.evaluate(prompt, { temperature: 0 })) {
      if (ids.push(id) === count) break;
    }
    greedy.push(ids);
    sequence.dispose();
  }

  const tokens = texts.map((text) => [...model.tokenize(text, true)]);
  await model.dispose();
  return { greedy, tokens };
}

const answers = [];
for (const request of JSON.parse(await text(process.stdin))) {
  answers.push(await answer(request));
}
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
