package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var headers = nats.Header{
	"traceparent": {"00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"},
	"SECRET":      {"SECRET"},
}

// A long payload is longer than what is captured of a call.
var payloads = [][]byte{{}, []byte("SECRET"), []byte(strings.Repeat("SECRET", 5000))}

func order(connection *nats.Conn, subject string, i int) {
	check(connection.PublishMsg(&nats.Msg{Subject: subject, Header: headers, Data: payloads[i%3]}))
}

// play publishes to itself, with headers and without, asks and answers, and works with a stream.
func play(port string, rounds int) {
	connection := must(nats.Connect("127.0.0.1:"+port, nats.Name("go shop")))
	orders := must(connection.SubscribeSync("shop.orders.*"))
	plain := must(connection.QueueSubscribeSync("shop.plain", "workers"))
	must(connection.Subscribe("shop.ask", func(asked *nats.Msg) { check(asked.Respond([]byte("SECRET"))) }))
	check(connection.Flush())
	fmt.Println("ready")
	extra := 0
	for lines := bufio.NewScanner(os.Stdin); lines.Scan() && lines.Text() != "go"; extra++ {
		order(connection, "shop.orders.old", 1)
	}
	for i := range rounds {
		order(connection, "shop.orders.new", i)
		check(connection.Publish("shop.plain", payloads[(i+1)%3]))
		must(connection.Request("shop.ask", []byte("SECRET"), 30*time.Second))
	}
	for range extra {
		must(orders.NextMsg(30 * time.Second))
	}
	for range rounds {
		must(orders.NextMsg(30 * time.Second))
		must(plain.NextMsg(30 * time.Second))
	}
	_, err := connection.Request("shop.nobody", nil, 30*time.Second)
	if err != nats.ErrNoResponders {
		check(fmt.Errorf("somebody answered: %w", err))
	}
	stream(connection, rounds)
	connection.Close()
}

func stream(connection *nats.Conn, rounds int) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	js := must(jetstream.New(connection))
	kept := must(js.CreateStream(ctx, jetstream.StreamConfig{Name: "BILLS", Subjects: []string{"bills.*"}}))
	for range rounds {
		must(js.PublishMsg(ctx, &nats.Msg{Subject: "bills.new", Header: headers, Data: payloads[1]}))
	}
	consumer := must(kept.CreateConsumer(ctx, jetstream.ConsumerConfig{Durable: "printer"}))
	for left := rounds; left > 0; {
		batch := must(consumer.Fetch(left))
		for message := range batch.Messages() {
			check(message.DoubleAck(ctx))
			left--
		}
		check(batch.Error())
	}
}
