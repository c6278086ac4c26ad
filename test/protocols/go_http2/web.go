package main

import (
	"net"
	"net/http"
	"strings"

	"github.com/improbable-eng/grpc-web/go/grpcweb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// text is a message with one field, the first, of at most 127 bytes, or of more by two bytes of length.
func text(value string) string {
	size := len(value)
	if size < 0x80 {
		return "\n" + string(rune(size)) + value
	}
	if size < 1<<14 {
		return "\n" + string([]byte{byte(size) | 0x80, byte(size >> 7)}) + value
	}
	return "\n" + string([]byte{byte(size) | 0x80, byte(size>>7) | 0x80, byte(size >> 14)}) + value
}

// serveWeb answers gRPC-Web over HTTP/1 and HTTP/2.
func serveWeb(address string) {
	server := grpc.NewServer(grpc.ForceServerCodec(raw{}))
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "weir.test.Shop",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			{MethodName: "One", Handler: unary(func(word []byte) ([]byte, error) { return word, nil })},
			{MethodName: "Large", Handler: unary(func([]byte) ([]byte, error) {
				return []byte(text(strings.Repeat("l", 20_000))), nil
			})},
			{MethodName: "Fail", Handler: unary(func([]byte) ([]byte, error) {
				return nil, status.Error(codes.NotFound, "none")
			})},
		},
		Streams: []grpc.StreamDesc{
			{StreamName: "List", Handler: answers(text("a"), text("b"), text("c")), ServerStreams: true},
		},
	}, nil)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	web := &http.Server{Handler: grpcweb.WrapServer(server), Protocols: protocols}
	listener := must(net.Listen("tcp4", address))
	ready()
	check(web.Serve(listener) == nil, "it does not serve")
}
