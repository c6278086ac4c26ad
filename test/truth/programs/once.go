// One request over TLS, and out: a program that is over before anybody has looked into it.
//
//	once PORT PATH
package main

import (
	"crypto/tls"
	"io"
	"net/http"
	"os"
)

func main() {
	transport := &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		DisableKeepAlives: true,
		TLSNextProto:      map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
	response, err := (&http.Client{Transport: transport}).Get("https://127.0.0.1:" + os.Args[1] + os.Args[2])
	if err != nil {
		panic(err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
}
