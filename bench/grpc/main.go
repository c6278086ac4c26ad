// Package main answers gRPC calls, `grpc serve PORT`, or makes them, `grpc load PORT CONNECTIONS AT_ONCE SECONDS`.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const (
	method  = "/weir.bench.Echo/Say"
	message = "fifty bytes, as many as a small request may have.."
)

// bytesCodec passes messages as they are.
type bytesCodec struct{}

func (bytesCodec) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }

func (bytesCodec) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = slices.Clone(data)
	return nil
}

func (bytesCodec) Name() string { return "proto" }

func echo(_ any, stream grpc.ServerStream) error {
	var message []byte
	if err := stream.RecvMsg(&message); err != nil {
		return err
	}
	return stream.SendMsg(&message)
}

func serve(port string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	options := []grpc.ServerOption{grpc.ForceServerCodec(bytesCodec{}), grpc.UnknownServiceHandler(echo)}
	return grpc.NewServer(options...).Serve(listener)
}

// call makes calls until the time is over, and returns how long each took.
func call(client *grpc.ClientConn, until time.Time) []time.Duration {
	var took []time.Duration
	for started := time.Now(); started.Before(until); {
		in, out := []byte(message), []byte(nil)
		if err := client.Invoke(context.Background(), method, &in, &out, grpc.ForceCodec(bytesCodec{})); err != nil {
			log.Fatal(err)
		}
		now := time.Now()
		took = append(took, now.Sub(started))
		started = now
	}
	return took
}

func load(port string, connections, atOnce int, length time.Duration) error {
	var (
		group sync.WaitGroup
		mutex sync.Mutex
		all   []time.Duration
	)
	started := time.Now()
	for range connections {
		client, err := grpc.NewClient("127.0.0.1:"+port, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return err
		}
		for range atOnce {
			group.Add(1)
			go func() {
				defer group.Done()
				took := call(client, started.Add(length))
				mutex.Lock()
				defer mutex.Unlock()
				all = append(all, took...)
			}()
		}
	}
	group.Wait()
	seconds := time.Since(started).Seconds()
	slices.Sort(all)
	fmt.Printf("%d calls in %.3f s, p99 %.3f ms\n", len(all), seconds, all[len(all)*99/100].Seconds()*1000)
	return nil
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	if os.Args[1] == "serve" {
		log.Fatal(serve(os.Args[2]))
	}
	seconds := time.Duration(number(os.Args[5])) * time.Second
	if err := load(os.Args[2], number(os.Args[3]), number(os.Args[4]), seconds); err != nil {
		log.Fatal(err)
	}
}
