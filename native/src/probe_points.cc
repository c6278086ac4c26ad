#include "probe_points.h"

#include <span>

#include "call_plan.h"

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

/** firstArgumentPoint(code: Uint8Array): {offset, emulated} */
Napi::Value FirstArgumentPointOf(const Napi::CallbackInfo& info) {
  return ToObject(info.Env(), FirstArgumentPoint(BytesOf(info[0])));
}

}  // namespace

void InitProbePoints(Napi::Env env, Napi::Object exports) {
  exports.Set("planCall", Napi::Function::New<PlanCallOf>(env, "planCall"));
  exports.Set("firstArgumentPoint",
              Napi::Function::New<FirstArgumentPointOf>(env, "firstArgumentPoint"));
}

}  // namespace weir
