// Package main is what a program does with a database through Go's drivers:
// `client postgres|mysql|redis|mongodb PORT ROUNDS [CONNECTIONS [WAY]]`. It asks a little for each line it reads, and does its work
// when one is `go`.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"sync"
)

// A client has one connection.
type client interface {
	ask(ctx context.Context) error
	play(ctx context.Context, rounds int) error
	close(ctx context.Context) error
}

// connect has reached the server when it returns.
type connect func(ctx context.Context, port, way string) (client, error)

var databases = map[string]connect{
	"postgres": connectPostgres,
	"mysql":    connectMysql,
	"redis":    connectRedis,
	"mongodb":  connectMongodb,
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	check(err)
	return value
}

// each lets all clients work at once.
func each(clients []client, work func(client) error) {
	var group sync.WaitGroup
	for _, one := range clients {
		group.Add(1)
		go func() {
			defer group.Done()
			check(work(one))
		}()
	}
	group.Wait()
}

func main() {
	database, port, rounds, connections, way := os.Args[1], os.Args[2], number(os.Args[3]), 1, ""
	if len(os.Args) > 4 {
		connections = number(os.Args[4])
	}
	if len(os.Args) > 5 {
		way = os.Args[5]
	}
	ctx := context.Background()
	var clients []client
	for range connections {
		one, err := databases[database](ctx, port, way)
		check(err)
		clients = append(clients, one)
	}
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan() && lines.Text() != "go"; {
		each(clients, func(one client) error { return one.ask(ctx) })
	}
	each(clients, func(one client) error { return one.play(ctx, rounds) })
	each(clients, func(one client) error { return one.close(ctx) })
}
