// net/http. Usage: client <SPEC
package main

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

type request struct{ Path, Method, Body string }

type spec struct {
	Base        string
	Requests    []request
	Connections int
	KeepAlive   bool
	Hold        bool
	// Of each connection, at once: HTTP/2, if any.
	Streams int
}

var output sync.Mutex

func now() float64 { return float64(time.Now().UnixNano()) / 1e6 }

func send(client *http.Client, base string, r request) {
	var body io.Reader
	if r.Body != "" {
		body = strings.NewReader(r.Body)
	}
	call, err := http.NewRequest(r.Method, base+r.Path, body)
	if err != nil {
		panic(err)
	}
	start := now()
	response, err := client.Do(call)
	if err != nil {
		panic(err)
	}
	size, _ := io.Copy(io.Discard, response.Body)
	response.Body.Close()
	line, _ := json.Marshal(map[string]interface{}{
		"path": r.Path, "method": r.Method, "status": response.StatusCode, "start": start, "end": now(), "bytes": size,
	})
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(line))
}

func main() {
	var s spec
	input := bufio.NewReader(os.Stdin)
	line, err := input.ReadBytes('\n')
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(line, &s); err != nil {
		panic(err)
	}
	clients := make([]*http.Client, s.Connections)
	for i := range clients {
		clients[i] = &http.Client{Transport: &http.Transport{
			DisableKeepAlives: !s.KeepAlive,
			MaxConnsPerHost:   1,
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
			ForceAttemptHTTP2: s.Streams > 0,
		}}
		if s.Hold {
			send(clients[i], s.Base, request{Path: fmt.Sprintf("/r/hold-%d/small", i), Method: "GET"})
		}
	}
	if s.Hold {
		fmt.Println("held")
		input.ReadString('\n')
	}
	work := make(chan request)
	var group sync.WaitGroup
	for i := 0; i < s.Connections || i < s.Connections*s.Streams; i++ {
		group.Add(1)
		go func(client *http.Client) {
			defer group.Done()
			for r := range work {
				send(client, s.Base, r)
			}
		}(clients[i%s.Connections])
	}
	for _, r := range s.Requests {
		work <- r
	}
	close(work)
	group.Wait()
}
