#include "probe_points.h"

#include <algorithm>
#include <span>

#include "call_plan.h"
#include "go_code.h"
#include "x86_flow.h"

namespace weir {

namespace {

std::span<const uint8_t> BytesOf(const Napi::Value& value) {
  const Napi::Uint8Array array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.ByteLength()};
}

Napi::Object ToObject(Napi::Env env, const ProbePoint& point) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("offset", static_cast<double>(point.offset));
  object.Set("emulated", point.emulated);
  return object;
}

Napi::Object ToObject(Napi::Env env, const MidPlan& mid) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("arguments", ToObject(env, mid.arguments));
  object.Set("pointer", static_cast<double>(mid.pointer));
  object.Set("result", ToObject(env, mid.result));
  return object;
}

/** planCall(code: Uint8Array, pointer: number): {entry, tailCall, mid?}. See native/probe_points.ts
 */
Napi::Value PlanCallOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto pointer = static_cast<CountPointer>(info[1].As<Napi::Number>().Uint32Value());
  const CallPlan plan = PlanCall(BytesOf(info[0]), pointer);
  Napi::Object result = Napi::Object::New(env);
  result.Set("entry", ToObject(env, plan.entry));
  result.Set("tailCall", plan.tail_call);
  if (plan.mid) result.Set("mid", ToObject(env, *plan.mid));
  return result;
}

/** findCall(code: Uint8Array, target: number): {call, result} | undefined */
Napi::Value FindCallOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto found = FindCall(BytesOf(info[0]), info[1].As<Napi::Number>().Int64Value());
  if (!found) return env.Undefined();
  Napi::Object points = Napi::Object::New(env);
  points.Set("call", found->call);
  points.Set("result", found->result);
  return points;
}

/** firstArgumentPoint(code: Uint8Array): {offset, emulated} */
Napi::Value FirstArgumentPointOf(const Napi::CallbackInfo& info) {
  return ToObject(info.Env(), FirstArgumentPoint(BytesOf(info[0])));
}

/** planGoCall(code: Uint8Array): {begin?, returns, keepsArguments}. See native/go_code.ts */
Napi::Value PlanGoCallOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const GoCallPlan plan = PlanGoCall(BytesOf(info[0]));
  Napi::Array returns = Napi::Array::New(env, plan.returns.size());
  for (uint32_t i = 0; i < plan.returns.size(); i++) returns[i] = ToObject(env, plan.returns[i]);
  Napi::Object result = Napi::Object::New(env);
  if (plan.begin) result.Set("begin", ToObject(env, *plan.begin));
  result.Set("returns", returns);
  result.Set("keepsArguments", plan.keeps_arguments);
  return result;
}

Napi::Value ToArray(Napi::Env env, const x86::Registers& held) {
  Napi::Array array = Napi::Array::New(env, held.size());
  for (uint32_t r = 0; r < held.size(); r++) array[r] = static_cast<uint32_t>(held[r]);
  return array;
}

Napi::Object ToObject(Napi::Env env, const x86::Work& work) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("offset", work.offset);
  object.Set("held", ToArray(env, work.held));
  if (work.target) object.Set("target", static_cast<double>(*work.target));
  if (work.displacement) object.Set("displacement", static_cast<double>(*work.displacement));
  if (work.result) {
    Napi::Object result = Napi::Object::New(env);
    result.Set("offset", work.result->offset);
    result.Set("held", ToArray(env, work.result->held));
    object.Set("result", result);
  }
  return object;
}

/** findWorks(code: Uint8Array, held: Uint8Array of 16): {complete, works}. See native/code_flow.ts
 */
Napi::Value FindWorksOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto given = BytesOf(info[1]);
  x86::Registers held{};
  std::transform(given.begin(), given.end(), held.begin(),
                 [](uint8_t one) { return static_cast<x86::Held>(one); });
  const x86::WorkPlan plan = FindWorks(x86::Function(BytesOf(info[0])), held);
  Napi::Array works = Napi::Array::New(env, plan.works.size());
  for (uint32_t i = 0; i < plan.works.size(); i++) works[i] = ToObject(env, plan.works[i]);
  Napi::Object result = Napi::Object::New(env);
  result.Set("complete", plan.complete);
  result.Set("works", works);
  return result;
}

}  // namespace

void InitProbePoints(Napi::Env env, Napi::Object exports) {
  exports.Set("planCall", Napi::Function::New<PlanCallOf>(env, "planCall"));
  exports.Set("findCall", Napi::Function::New<FindCallOf>(env, "findCall"));
  exports.Set("planGoCall", Napi::Function::New<PlanGoCallOf>(env, "planGoCall"));
  exports.Set("findWorks", Napi::Function::New<FindWorksOf>(env, "findWorks"));
  exports.Set("firstArgumentPoint",
              Napi::Function::New<FirstArgumentPointOf>(env, "firstArgumentPoint"));
}

}  // namespace weir
