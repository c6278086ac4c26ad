/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The protocols that are read as chunks, each call's bytes whole: one include and one line per
 * protocol, the tightest first. Compiles on the host too.
 */
#ifndef WEIR_CLASSIFY_TABLE_H
#define WEIR_CLASSIFY_TABLE_H

#include "../include/events.h"
#include "amqp.h"
#include "dns.h"
#include "mysql.h"
#include "http2.h"
#include "postgres.h"
#include "kafka.h"
#include "memcached.h"
#include "mongodb.h"
#include "nats.h"
#include "mqtt.h"
#include "redis.h"

/* What classifiers may read. */
#define CLASSIFY_BYTES 64

/* Whose bytes does a run begin with? `data` has room for CLASSIFY_BYTES, of which `bytes` are the
 * run's. PROTOCOL_UNKNOWN when in doubt: user space looks again. */
static inline __attribute__((always_inline)) __u32 chunk_protocol(const __u8 *data, __u64 bytes)
{
	if (is_amqp(data, bytes))
		return PROTOCOL_AMQP;
	if (is_dns(data, bytes))
		return PROTOCOL_DNS;
	if (is_mysql(data, bytes))
		return PROTOCOL_MYSQL;
	if (is_http2(data, bytes))
		return PROTOCOL_HTTP2;
	if (is_postgres(data, bytes))
		return PROTOCOL_POSTGRES;
	if (is_redis(data, bytes))
		return PROTOCOL_REDIS;
	if (is_kafka(data, bytes))
		return PROTOCOL_KAFKA;
	if (is_mongodb(data, bytes))
		return PROTOCOL_MONGODB;
	if (is_memcached(data, bytes))
		return PROTOCOL_MEMCACHED;
	if (is_nats(data, bytes))
		return PROTOCOL_NATS;
	if (is_mqtt(data, bytes))
		return PROTOCOL_MQTT;
	return PROTOCOL_UNKNOWN;
}

#endif
