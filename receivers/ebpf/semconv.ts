/*
 * Names that are not stable yet, copied as OpenTelemetry advises: the incubating entry point of the package may change with any
 * release, and costs 5 MiB. A test compares them with the package.
 */
export const ATTR_HOST_ARCH = 'host.arch'
export const ATTR_HOST_ID = 'host.id'
export const ATTR_HOST_NAME = 'host.name'
export const ATTR_HTTP_REQUEST_BODY_SIZE = 'http.request.body.size'
export const ATTR_HTTP_REQUEST_SIZE = 'http.request.size'
export const ATTR_HTTP_RESPONSE_BODY_SIZE = 'http.response.body.size'
export const ATTR_HTTP_RESPONSE_SIZE = 'http.response.size'
export const ATTR_OS_TYPE = 'os.type'
export const ATTR_PROCESS_EXECUTABLE_NAME = 'process.executable.name'
export const ATTR_PROCESS_EXECUTABLE_PATH = 'process.executable.path'
export const ATTR_PROCESS_PARENT_PID = 'process.parent_pid'
export const ATTR_PROCESS_PID = 'process.pid'
export const ATTR_PROCESS_RUNTIME_NAME = 'process.runtime.name'
