package main

import (
	"context"
	"io"
	"net"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

const shop = "/weir.test.Shop/"

// raw takes messages as they are.
type raw struct{}

func (raw) Marshal(value any) ([]byte, error) { return *value.(*[]byte), nil }
func (raw) Name() string                      { return "proto" }
func (raw) Unmarshal(data []byte, to any) error {
	*to.(*[]byte) = append([]byte{}, data...)
	return nil
}

func bytesOf(text string) *[]byte {
	value := []byte(text)
	return &value
}

func unary(answer func([]byte) ([]byte, error)) grpc.MethodHandler {
	return func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		var request []byte
		if err := decode(&request); err != nil {
			return nil, err
		}
		response, err := answer(request)
		return &response, err
	}
}

func receiveAll(stream grpc.ServerStream, each func([]byte) error) error {
	for {
		var word []byte
		if err := stream.RecvMsg(&word); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := each(word); err != nil {
			return err
		}
	}
}

func sendAll(stream grpc.ServerStream, words ...string) error {
	for _, word := range words {
		if err := stream.SendMsg(bytesOf(word)); err != nil {
			return err
		}
	}
	return nil
}

func ignore([]byte) error { return nil }

// answers sends `words` to whatever is asked.
func answers(words ...string) grpc.StreamHandler {
	return func(_ any, stream grpc.ServerStream) error {
		if err := receiveAll(stream, ignore); err != nil {
			return err
		}
		return sendAll(stream, words...)
	}
}

func echo(_ any, stream grpc.ServerStream) error {
	return receiveAll(stream, func(word []byte) error { return stream.SendMsg(&word) })
}

var large = strings.Repeat("l", 1<<20)

// In these rounds, the first, large messages are asked for.
const largeRounds = 10

func serveShop(address string) {
	server := grpc.NewServer(grpc.ForceServerCodec(raw{}))
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "weir.test.Shop",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			{MethodName: "One", Handler: unary(func(word []byte) ([]byte, error) { return word, nil })},
			{MethodName: "Fail", Handler: unary(func([]byte) ([]byte, error) {
				return nil, status.Error(codes.NotFound, "none")
			})},
		},
		Streams: []grpc.StreamDesc{
			{StreamName: "Many", Handler: answers("all"), ClientStreams: true},
			{StreamName: "List", Handler: answers("a", "b", "c"), ServerStreams: true},
			{StreamName: "Large", Handler: answers(large, large, large), ServerStreams: true},
			{StreamName: "Talk", Handler: echo, ServerStreams: true, ClientStreams: true},
		},
	}, nil)
	listener := must(net.Listen("tcp4", address))
	ready()
	check(server.Serve(listener) == nil, "it does not serve")
}

// call sends `words` and returns how many messages came, of how many bytes.
func call(conn *grpc.ClientConn, method string, words ...string) (messages, size int) {
	desc := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	stream := must(conn.NewStream(context.Background(), desc, shop+method))
	for _, word := range words {
		check(stream.SendMsg(bytesOf(word)) == nil, "it does not send")
	}
	check(stream.CloseSend() == nil, "it does not end")
	for {
		var word []byte
		err := stream.RecvMsg(&word)
		if err == io.EOF {
			return messages, size
		}
		check(err == nil, "it does not receive")
		messages++
		size += len(word)
	}
}

func askShop(address string, rounds int) {
	conn := must(grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{}))))
	ready()
	told()
	expect := func(method string, messages, size int, words ...string) {
		gotMessages, gotSize := call(conn, method, words...)
		check(gotMessages == messages && gotSize == size, method)
	}
	for i := 0; i < rounds; i++ {
		var one []byte
		err := conn.Invoke(context.Background(), shop+"One", bytesOf("x"), &one)
		check(err == nil && string(one) == "x", "One")
		expect("Many", 1, 3, "x", "y", "z")
		expect("List", 3, 3, "x")
		if i < largeRounds {
			expect("Large", 3, 3<<20, "x")
		}
		expect("Talk", 3, 3, "x", "y", "z")
		err = conn.Invoke(context.Background(), shop+"Fail", bytesOf("x"), &one)
		check(status.Code(err) == codes.NotFound, "Fail")
	}
	told()
	conn.Close()
}
