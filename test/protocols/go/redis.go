package main

import (
	"context"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"
)

type redisClient struct{ *redis.Client }

func connectRedis(ctx context.Context, port, _ string) (client, error) {
	client := redisClient{redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + port, DB: 3})}
	return client, client.ask(ctx)
}

func (client redisClient) close(context.Context) error { return client.Close() }

func (client redisClient) ask(ctx context.Context) error { return client.Ping(ctx).Err() }

func (client redisClient) play(ctx context.Context, rounds int) error {
	for i := range rounds {
		if err := client.Set(ctx, "SECRET-go", strings.Repeat("SECRET", 1+i%7*500), 0).Err(); err != nil {
			return err
		}
		if err := client.Get(ctx, "SECRET-go").Err(); err != nil {
			return err
		}
		if err := client.LPush(ctx, "SECRET-go", "SECRET").Err(); err == nil {
			return errors.New("it is no list")
		}
		if err := client.sendPipelines(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (client redisClient) sendPipelines(ctx context.Context) error {
	write := func(pipe redis.Pipeliner) error {
		for range 10 {
			pipe.HIncrBy(ctx, "SECRET-h", "SECRET", 1)
		}
		pipe.HGetAll(ctx, "SECRET-h")
		return nil
	}
	if _, err := client.Pipelined(ctx, write); err != nil {
		return err
	}
	_, err := client.TxPipelined(ctx, write)
	return err
}
