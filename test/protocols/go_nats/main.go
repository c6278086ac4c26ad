// A server and a client of NATS, for the tests of protocols. Both write "ready", and the client waits for lines then.
//
//	nats server ARGUMENTS OF nats-server
//	nats client PORT ROUNDS
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"strconv"

	"github.com/nats-io/nats-server/v2/server"
)

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// serve is nats-server itself, which has no more in its own main.
func serve(args []string) {
	flags := flag.NewFlagSet("nats-server", flag.ExitOnError)
	options := must(server.ConfigureOptions(flags, args, nil, nil, nil))
	running := must(server.NewServer(options))
	running.ConfigureLogger()
	check(server.Run(running))
	fmt.Println("ready")
	running.WaitForShutdown()
}

func main() {
	switch args := os.Args[2:]; os.Args[1] {
	case "server":
		serve(args)
	case "client":
		play(args[0], must(strconv.Atoi(args[1])))
	}
}
