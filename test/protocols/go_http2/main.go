// Servers of gRPC and gRPC-Web and a client of gRPC, for the tests of protocols. They write "ready", and clients wait for a line then.
//
//	go grpc-server PORT
//	go grpc-web-server PORT
//	go grpc-client PORT ROUNDS
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"strconv"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func check(holds bool, what string) {
	if !holds {
		log.Fatal(what)
	}
}

var lines = bufio.NewReader(os.Stdin)

func told() {
	_, err := lines.ReadString('\n')
	check(err == nil, "nobody tells to go on")
}

func ready() {
	fmt.Println("ready")
}

func main() {
	args := os.Args[2:]
	switch os.Args[1] {
	case "grpc-server":
		serveShop("127.0.0.1:" + args[0])
	case "grpc-web-server":
		serveWeb("127.0.0.1:" + args[0])
	case "grpc-client":
		askShop("127.0.0.1:"+args[0], must(strconv.Atoi(args[1])))
	}
}
