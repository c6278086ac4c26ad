// net/http. Usage: server [http2] PORT LOG [CERT KEY]
package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

func now() float64 { return float64(time.Now().UnixNano()) / 1e6 }

func main() {
	args := os.Args[1:]
	http2 := args[0] == "http2"
	if http2 {
		args = args[1:]
	}
	files := map[string]string{"small": strings.Repeat("s", 200), "large": strings.Repeat("l", 102400)}
	log, err := os.OpenFile(args[1], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	var mutex sync.Mutex
	handler := func(w http.ResponseWriter, r *http.Request) {
		start := now()
		io.Copy(io.Discard, r.Body)
		body, found := files[r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]]
		status := 200
		if !found {
			status, body = 404, "nothing here"
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		sent := 0
		if r.Method != "HEAD" {
			sent, _ = io.WriteString(w, body)
		}
		w.(http.Flusher).Flush()
		line, _ := json.Marshal(map[string]interface{}{
			"path": r.URL.Path, "method": r.Method, "status": status, "start": start, "end": now(), "bytes": sent,
		})
		mutex.Lock()
		defer mutex.Unlock()
		log.Write(append(line, '\n'))
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:"+args[0])
	if err != nil {
		panic(err)
	}
	fmt.Println("ready")
	server := http.Server{Handler: http.HandlerFunc(handler)}
	if !http2 {
		server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	}
	if len(args) > 3 {
		panic(server.ServeTLS(listener, args[2], args[3]))
	}
	panic(server.Serve(listener))
}
