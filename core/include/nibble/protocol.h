// clang-format off
// The messages between the window (or any client) and an engine process. This header says it all; it includes nothing of
// the engine, so that a client needs nothing else.
//
// `nibble-cli engine` reads one JSON object a line on standard input and writes one a line on standard output (UTF-8, no
// line breaks inside, at most kMaxLineBytes). Standard error is a log for people.
//
// First line from the engine:   {"hello":"nibble-engine","protocol":1,"version":"0.1.0","pid":1234}
// A request:                    {"id":7,"verb":"inspect","params":{...}}         id: a positive integer of the client's choice
// Any number of events:         {"id":7,"event":"progress","data":{"stage":"Reading","item":"","fraction":0.4,"secondsLeft":3.1}}
//                               {"id":7,"event":"text","data":{"text":"Hello"}}     batched about every 16 ms
// Then exactly one end:         {"id":7,"result":{...}}
//                          or   {"id":7,"error":{"kind":"bad-file","message":"...","detail":"...","whatToDo":"..."}}
// A line that is not a request gets {"id":null,"error":{...}}. The engine ends when its standard input ends.
//
// Verbs run one after the other in the order of arrival, except: cancel and pause act at once; devices, inspect, estimate, plan,
// models, recipes, unfinished, discard, searchHub, lookUp, downloads, discardDownload and pack are answered beside a running job. A client that wants to chat
// or download during a job starts a second engine. searchHub, lookUp and download are the only verbs that use a network.
// An id may be used again once its end has come. Fields that are not listed here are errors, so that a misspelt option
// never silently becomes a default; null counts as absent. At most 1000 requests may wait.
//
// device: an id of `devices`, "" automatic (a card that showed in its self-test that it is faster than the processor); gpuLayers: how many of the
// last layers lie on it, -1 as many as fit, 0 none. deviceReason: in plain words why a model is not (all) on a card, or "".
//
// Byte counts are integers, times are seconds, fractions are 0..1. Optional params are marked with their default.
//
// devices   {}                                          -> {"devices":[{id,name,kind,driver,memoryBytes,availableBytes,threads,usable,whyNot}]}
// measure   {}                                          -> {device,name,whyNoCard,processorBytesPerSecond,bytesPerSecond,referenceWeights,referenceBytes,tokensPerSecond,seconds}
//               a test of two seconds (longer where a graphics card is tested for the first time), and the forecast for a model of a common size.
//               From then on estimates know the processor's speed (forecast).     events: progress
// recipes   {}                                          -> {"recipes":[{name,stop,label,sentence,nominalBits}]}
// models    {"folder":""}  ("" = default)               -> {"folder":"...","models":[{path,problem,info?}]}  info as inspect, without tensors and metadata
// inspect   {"path"}                                    -> {path,name,container,architecture,sizeLabel,license,formatName,bitsPerWeight,
//               fileBytes,weightBytes,parameters,contextLength,layers,embedding,heads,kvHeads,headDim,feedForward,experts,expertsUsed,vocab,tiedEmbedding,
//               quantized,hasChatTemplate,supported,unsupportedReason,warnings:[],bytesByFormat:{},tensors:[{name,format,shape,bytes}],metadata:[[key,text]],
//               passport:{as verify has it; absent where the file has none}}
// estimate  {"model","recipe":"","contextLength":0,"kvFormat":"f16","device":"","gpuLayers":-1,"threads":0,"precise":false}
//                                                       -> {contextLength,fileBytes,weightBytes,kvBytes,activationBytes,scratchBytes,totalBytes,fileRowBytes,gpuBytes,device,deviceReason,bitsPerWeight,
//               decodeMacsPerToken,decodeBytesPerToken,forecast:{tokensPerSecond,formula} (0 and "" where the speeds are not known),verdict:{fit:"fits"|"fits-partly"|"does-not-fit",layersOnGpu,layers,spareBytes,tight,sentence}}
// plan      {"source","recipe","output":"","allowRequantize":false,"care":"quick"|"better"|"careful","sampleText":"","formatsOf":"","finerLayers":[]}
//                                                       -> {recipe,fileBytes,sourceBytes,peakMemoryBytes,bitsPerWeight,tensors:[{name,from,to,shape,bytesBefore,bytesAfter,reason}],
//               finishedTensors (only where output was given: how many of the tensors a killed job of the same options and files has finished; quantize goes on behind them)}
// preview   {"source","allowRequantize":false,"threads":0}
//                                                       -> {"stops":[{recipe,label,stop,fileBytes (exact),memoryBytes (to use it),makingMemoryBytes,seconds:{quick:{expected,low,high},better:{same},careful:{same}},divergence:{same},agreement:{same},
//               drift,verdict,fits,recommended}],tokens,roundedShare,seconds}   what each stop is expected to cost (all but seconds: made quickly), from a sample of text and, for large models, of layers.   events: progress
// layers    {"original","smaller","threads":0}         -> {"layers":[{layer,divergence,divergenceError,bytes,finerBytes}],divergence,tokens,worthMost:[layer],worthMostBytes,sentence,seconds}
//               what each layer of a smaller model costs, measured with only that one rounded (layer -1: the tables of words in front and behind), what about one bit a weight more in it
//               would take, and at most three layers where that gains most: quantize with formatsOf the smaller model and finerLayers worthMost makes that file, worthMostBytes larger.   events: progress
// quantize  {"source","output","recipe":"Q4_K_M","threads":0,"allowRequantize":false,"overwrite":false,"care":"quick"|"better"|"careful","sampleText":"","formatsOf":"","finerLayers":[]}
//               formatsOf: a file of the same model; each tensor gets the format that it has there, whatever the recipe, those of finerLayers one of about one bit a weight more.
//                                                       -> {output,seconds,continuedAt,plan:{as plan}}           events: progress
//               A job that was killed, or whose client went away, is continued by the same request: continuedAt tensors had been finished before. cancel leaves nothing.
// unfinished {"folder":""}  ("" = default)              -> {"jobs":[{output,source,recipe,size,sizeOf,formatsOf,finerLayers,plain,care,sampleText,tensors,finishedTensors}]}
//               jobs that were killed and whose output would lie in the folder, to be offered again: quantize with their output, source, recipe, care, sampleText, formatsOf and finerLayers
//               continues one that is plain (recipe: "" where formatsOf says it). The others (size, sizeOf and what else only nibble-cli can ask for) only nibble-cli continues.
// discard   {"output"}                                  -> {}   removes what such a job left
// searchHub {"words","hub":"","proxy":"","token":""}               -> {"hits":[{name,downloads,gated,hasGguf}]}   models of a hub on the Internet ("" = $NIBBLE_HUB or https://huggingface.co; proxy "" = as
//               HTTPS_PROXY says).    token: an access token of who has signed in at the hub, "" none.    events of this verb and the next two: {"id":7,"event":"connection","data":{"host":"huggingface.co"}} before each request that is sent
// lookUp    {"name","hub":"","proxy":"","token":""}                -> {name,revision,license,gated,chosen,choices:[{name,isFolder,formatName,bytes,files,verdict (as in estimate, by its size)}]}
//               name: "owner/model", "owner/model:FILE or format" or a link
// download  {"name","choice":"","folder":"","hub":"","proxy":"","token":""}
//                                                       -> {path,bytes,continuedAt,seconds}   choice: a name of lookUp. Appears whole, or not at all.   events: progress, connection
//               A download that was cancelled or killed is continued by the same request.
// downloads {"folder":""}                               -> {"downloads":[{id,name,choice,hub,bytes,doneBytes}]}   those that can be continued
// discardDownload {"folder":"","id"}                    -> {}   removes what has arrived of one
// pack      {"pack","folder":""}                        -> {name,bytes,models:[{name,license,place,files,bytes,present,problem,verdict (as in estimate; absent where problem says why)}]}
//               what an offline pack (a folder with nibble-pack.json) holds; present: the folder of models has something of that name
// checkPack {"pack"}                                    -> {}   compares every file with the manifest's checksum.   events: progress
// installPack {"pack","folder":""}                      -> {installed:[path],present:[path]}   Nothing appears before every file was found right.   events: progress
// load      {"model","contextLength":0,"kvFormat":"f16","device":"","gpuLayers":-1,"threads":0,"precise":false,"ignoreMemory":false}
//               precise: inputs of products with quantized weights are rounded to 16 bits, not 8; estimate and load must be asked alike.
//                                                       -> {name,backend,cpuLevel,device,deviceReason,layers,gpuLayers,contextLength,vocabSize,memoryBytes,hasChatTemplate,thinks,canSwitchThinking,loadSeconds,
//               suggestedSampling:{temperature,topK,topP,minP,repeatPenalty,repeatLastN,presencePenalty,frequencyPenalty,dryMultiplier,dryBase,dryAllowedLength,
//               dryBreakers:[],xtcProbability,xtcThreshold,mirostatTau,mirostatEta,seed}}   (nibble/sampling.h says what they do; 0 is off)   events: progress
// unload    {}                                          -> {}
// chat      {"messages":[{role,content}],"sampling":{any of the above; the rest as suggested},"maxTokens":1024,"stop":[],
//            "jsonSchema":"","thinking":null,"dropOldestTurns":false,"allowChatMl":false}
//               jsonSchema: the text of a JSON schema that the answer follows. thinking: true or false where the model can be switched (canSwitchThinking).
//               What a model thinks before its answer stands in front of it, in text and in content, as "<think>...</think>".
//                                                       -> {text,finish:"end-of-turn"|"stop-string"|"max-tokens"|"context-full"|"stopped",promptTokens,reusedTokens,
//               generatedTokens,contextUsed,contextLength,droppedTurns,prefillSeconds,decodeSeconds,seed}      events: text
//               A chat that is cancelled ends with a result (finish "stopped") that keeps what was written.
// tokens    {"text"}                                    -> {"tokens":12}   how many the loaded model reads the text as
// compare   {"original","smaller","text":"","chunkTokens":512,"chunks":8,"prompts":[],"answerTokens":128,"sampling":{},
//            "measure":true,"speed":true,"tasks":false,"threads":0}
//                                                       -> {original:{name,formatName,fileBytes,memoryBytes,bitsPerWeight,perplexity:{value,error},prefillSpeed,decodeSpeed},
//               smaller:{same},tokensScored,textName,textHash,oneAfterTheOther,meanDivergence:{value,error},divergence99,divergence999,maxDivergence,
//               wordAgreement:{value,error},agreementLow,agreementHigh,logPerplexityRatio:{value,error},verdict,drift,warning,sentence,
//               worstMoments:[{position,context,follows,original,smaller,originalChance,smallerChance,divergence}],
//               stretches:[{position,tokens,begins,divergence,agreement,drift}],
//               tasks:{items,same,originalRight,smallerRight,lost,gained,sameLow,sameHigh,signTest,sentence,groups:[{name,items,same,originalRight,
//               smallerRight}],changes:[{group,question,right,original,smaller}]} (items 0 where they were not asked for),
//               answers:[{prompt,original,smaller,sameWords,identical,differsAtOriginal,differsAtSmaller,originalTokens,smallerTokens,
//               originalSpeed,smallerSpeed,originalChance,smallerChance}],seconds,version,measuredAt}   events: progress
// ask       {"models":[two or three; the first is the original],"prompts":[],"answerTokens":128,"sampling":{},"threads":0}
//                                                       -> {models:[{name,formatName,fileBytes,memoryBytes}],oneAfterTheOther,answers:[{prompt,pairs:[the original beside each
//               other model, in their order: as answers of compare, the other one being smaller]}],seconds}   events: progress, and
//               {"id":7,"event":"answer","data":{one of answers,memoryBytes:[of each model]}} as soon as all have answered a prompt
// report    {"report":{the result of compare},"output","overwrite":false}
//                                                       -> {output}   a .html page for people or a .json file, by the ending
// passport  {"model","original","report":{the result of compare}}
//                                                       -> {weightsHash,sourceHash,text,textHash,tokens,wordAgreement,agreementLow,agreementHigh,meanDivergence,logPerplexityRatio,
//               drift,verdict,version,measuredAt}   writes the figures into the model's file      events: progress
// verify    {"model"}                                   -> {found,holds,passport:{as passport, where found}}   holds: the weights are those that were measured. events: progress
// cancel    {"target":7}                                -> {"found":true}   the target then ends with error kind "canceled" (chat: see above,
//               but a chat that was still waiting for its turn ends with the error as well)
// pause     {"on":true}                                -> {}   acts at once: the running job stands still within milliseconds, until pause {"on":false}, and goes on where it was. Verbs that are answered
//               beside a job are answered all the same, and a cancelled one ends. For a client whose other engine answers a person: both would share the processor.
// clang-format on
#pragma once

namespace nibble::protocol {

inline constexpr int kVersion = 1;
inline constexpr int kMaxLineBytes = 16 * 1024 * 1024;
inline constexpr const char* kHello = "nibble-engine";

inline constexpr const char* kDevices = "devices";
inline constexpr const char* kMeasure = "measure";
inline constexpr const char* kRecipes = "recipes";
inline constexpr const char* kModels = "models";
inline constexpr const char* kInspect = "inspect";
inline constexpr const char* kEstimate = "estimate";
inline constexpr const char* kPreview = "preview";
inline constexpr const char* kLayers = "layers";
inline constexpr const char* kPlan = "plan";
inline constexpr const char* kQuantize = "quantize";
inline constexpr const char* kLoad = "load";
inline constexpr const char* kUnload = "unload";
inline constexpr const char* kChat = "chat";
inline constexpr const char* kTokens = "tokens";
inline constexpr const char* kCompare = "compare";
inline constexpr const char* kAsk = "ask";
inline constexpr const char* kReport = "report";
inline constexpr const char* kPassport = "passport";
inline constexpr const char* kVerify = "verify";
inline constexpr const char* kUnfinished = "unfinished";
inline constexpr const char* kDiscard = "discard";
inline constexpr const char* kSearchHub = "searchHub";
inline constexpr const char* kLookUp = "lookUp";
inline constexpr const char* kDownload = "download";
inline constexpr const char* kDownloads = "downloads";
inline constexpr const char* kDiscardDownload = "discardDownload";
inline constexpr const char* kPack = "pack";
inline constexpr const char* kCheckPack = "checkPack";
inline constexpr const char* kInstallPack = "installPack";
inline constexpr const char* kCancel = "cancel";
inline constexpr const char* kPause = "pause";

} // namespace nibble::protocol
