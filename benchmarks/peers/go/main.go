// The example server's POST /api/events/purposes, to be measured against: net/http, pgx, go-redis and franz-go.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err := run(); err != nil {
		slog.Error("the server ends", "error", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	store, err := openStore(ctx, os.Getenv("EVENT_DRAFT_POSTGRES"))
	if err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	defer store.close()
	cache, err := openCache(ctx, os.Getenv("EVENT_DRAFT_REDIS"))
	if err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	defer cache.close()
	events, err := openPublisher(ctx, os.Getenv("EVENT_DRAFT_KAFKA"))
	if err != nil {
		return fmt.Errorf("kafka: %w", err)
	}
	defer events.close()

	mux := http.NewServeMux()
	mux.Handle("POST /api/events/purposes", createHandler{service{store, cache, events}})
	server := &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       20 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    8 << 10,
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	fmt.Printf("listening on http://%s\n", listener.Addr())

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
